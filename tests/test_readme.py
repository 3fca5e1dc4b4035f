"""The README's case for reviewers is run as it stands there: what it shows, it does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _case() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split("<!-- the case -->")[1].split("<!-- end of the case -->")[0]


def test_the_case_for_reviewers(tmp_path: Path) -> None:
    """Every command of the case works in the order of the page, and says what the page quotes of it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, module in {"consentdesk": "-m consentdesk", "python3": ""}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        program.chmod(0o755)
    blocks = re.findall(r"```sh\n(.*?)```", _case(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    kept = {name: text for name, text in os.environ.items() if not name.startswith("CONSENTDESK_")}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=kept | {"PATH": f"{programs}:{kept['PATH']}", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    quoted = [line[2:] for line in _case().splitlines() if line.startswith("> ")]
    for piece in (piece.strip() for line in quoted for piece in line.split("…")):
        assert piece.strip(" ,") in ran.stdout
    assert ran.stdout.count("exit code 1") == 2
    assert ran.stdout.count("Everything fits") == 2
    assert "Sound: " in ran.stdout
