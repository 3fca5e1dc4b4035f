"""What a machine is, as far as a benchmark depends on it; nothing that tells whose it is or where."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

_COMMITS = 20
_PAGE = b"\0" * 4096


def described(folder: Path) -> dict[str, str | int | float]:
    """The machine that runs this, and the disk that a folder is on, by words that a table can hold."""
    return {
        "cpu": _cpu(),
        "cores": _cores(),
        "memory_gb": _memory(),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "textual": version("textual"),
        "disk": _disk(folder),
        "durable_write_ms": _durable_write(folder),
    }


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, words = line.partition(":")
            if name.strip() == "model name":
                return words.strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _disk(folder: Path) -> str:
    """The kind of file system and of disk, where Linux tells them."""
    device = folder.stat().st_dev
    numbers = f"{os.major(device)}:{os.minor(device)}"
    mounts = Path("/proc/self/mountinfo")
    kind = "unknown"
    for line in mounts.read_text(encoding="utf-8").splitlines() if mounts.exists() else ():
        place, _, system = line.partition(" - ")
        if place.split()[2] == numbers:
            kind = system.split()[0]
    block = (Path("/sys/dev/block") / numbers).resolve()
    if any(part.startswith("virtio") for part in block.parts):
        return f"{kind} on a virtual disk"
    for queue in (block / "queue", block.parent / "queue"):  # a partition asks its disk
        if (queue / "rotational").exists():
            turns = (queue / "rotational").read_text(encoding="utf-8").strip() == "1"
            return f"{kind} on a {'turning' if turns else 'solid-state'} disk"
    return kind


def _durable_write(folder: Path) -> float:
    """How many milliseconds the disk takes to hold a page for good: what each commit waits for."""
    path = folder / "durable-write"
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_COMMITS):
            begun = time.perf_counter()
            file.write(_PAGE)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    path.unlink()
    return round(median(took) * 1000, 2)
