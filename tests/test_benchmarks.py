"""The benchmark program, for its function: that every row runs and is told. No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import growth, picture, readme, table
from benchmarks.__main__ import main
from benchmarks.bench import Bench
from benchmarks.measuring import Measured, percentile
from benchmarks.people import person
from benchmarks.rows import MODULES, rows_of, run, table_rows

ROOT = Path(__file__).resolve().parent.parent
MACHINE = {"cpu", "cores", "memory_gb", "kernel", "python", "sqlite", "textual", "disk", "durable_write_ms"}
TIMED = Measured("open", "open a contact", "raw reading", (2.0, 3.0, 8.0), (1.0, 1.0, 2.0), 3.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the small runs work: what the rows share is made once."""
    return tmp_path_factory.mktemp("benchmarks")


@pytest.mark.parametrize("module", MODULES)
def test_every_row_runs_small(
    module: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every row of the table runs on a small ledger, and the table and the JSON have all of it."""
    monkeypatch.chdir(ROOT)
    names = rows_of(module)
    result = folder / f"{module}.json"
    asked = [word for name in names for word in ("--only", name)]
    code = main(
        ["--contacts", "2000", "--rounds", "1", "--folder", str(folder), "--json", str(result), *asked]
    )
    told = json.loads(result.read_text(encoding="utf-8"))
    assert (code, told["failed"]) == (0, {})
    assert list(dict.fromkeys(row["name"] for row in told["rows"])) == list(names)
    assert all(row["ratio"] > 0 and row["ours"] and row["bound"] > 0 for row in told["rows"])
    printed = capsys.readouterr().out
    assert all(f"{row['work']}, against {row['against']}" in printed for row in told["rows"])
    assert told["machine"].keys() == MACHINE
    assert str(folder) not in result.read_text(encoding="utf-8")


def test_a_row_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    """A row that fails is told by its name, without a path, and the rows after it are measured."""

    def broken(bench: Bench) -> Iterable[Measured]:
        raise OSError(f"{bench.folder} is full")

    result = run(Bench(2, tmp_path), {"broken": broken, "open": lambda _: [TIMED]})
    assert result.failed == {"broken": "OSError: (folder) is full"}
    assert result.rows == [TIMED]
    assert "broken  failed: OSError: (folder) is full" in table.in_words(table.as_json(result))


def test_a_row_that_is_not_there_is_told() -> None:
    """A name that no row has ends the program with exit code 2, and a sentence with the names that there are."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--only", "no-such-row"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 2
    assert "there is no row named 'no-such-row': choose from import, searchable" in ran.stderr


@pytest.mark.parametrize("program", [main, growth.main])
def test_fewer_contact_points_than_a_person_has_are_told(
    program: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A ledger too small to hold anybody is wrong use, told before anything is measured."""
    with pytest.raises(SystemExit) as ended:
        program(["--contacts", "1"])
    assert ended.value.code == 2
    assert "--contacts must be at least 2: every person has two." in capsys.readouterr().err


def test_ratios_are_the_median_of_their_rounds() -> None:
    """A time is ours against theirs and must not pass its bound; a rate is theirs against ours, and must reach it."""
    assert (TIMED.ratio, TIMED.spread, TIMED.is_met) == (3.0, (2.0, 4.0), True)
    rate = replace(TIMED, is_rate=True, bound=0.5)
    assert (rate.ratio, rate.spread, rate.is_met) == (1 / 3, (0.25, 0.5), False)
    absolute = replace(TIMED, theirs=(), bound=2.9)
    assert (absolute.ratio, absolute.spread, absolute.is_met) == (3.0, (2.0, 8.0), False)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    """The 95th of a hundred values is the 95th percentile, and the only value is every one."""
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7.0], 0.99) == percentile([7.0], 0.0) == 7.0
    with pytest.raises(ValueError, match="percentile of nothing"):
        percentile([], 0.5)


def test_invented_people_share_no_address() -> None:
    """Two invented people share no address, or an import of a million rows would make fewer contact points."""
    everybody = [person(number) for number in range(0, 6_000_000, 1_999)]
    assert (
        len({each.email for each in everybody}) == len({each.phone for each in everybody}) == len(everybody)
    )


def test_growth_is_measured_and_drawn(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured at several sizes becomes a picture that has every line, with its words beside it."""
    assert growth.LINES.keys() - {"import"} <= table_rows().keys()
    monkeypatch.setattr(growth, "LINES", {"import": growth.LINES["import"]})
    measured, drawn = tmp_path / "growth.json", tmp_path / "growth.svg"
    sizes = ["--contacts", "200", "--contacts", "2000"]
    assert growth.main([*sizes, "--folder", str(folder), "--json", str(measured)]) == 0
    assert picture.main([str(measured), str(drawn)]) == 0
    root = ElementTree.fromstring(drawn.read_text(encoding="utf-8"))
    words = "\n".join("".join(each.itertext()) for each in root.iter())
    assert "import of 1,000 rows, " in words
    assert {"200", "2k"} <= set(words.split("\n"))


def test_words_beside_lines_do_not_cover_each_other() -> None:
    """Lines that end at the same height have their words one below the other, and inside the picture."""
    lines = [picture.Line(f"line {number}", ((10, 0.01), (1000, 0.01))) for number in range(5)]
    root = ElementTree.fromstring(picture.svg(lines))
    heights = sorted(
        float(each.get("y", "")) for each in root.iter() if (each.text or "").startswith("line ")
    )
    assert len(heights) == 5
    assert all(below - above >= 15 for above, below in pairwise(heights))
    assert heights[-1] < float(root.get("height", ""))


def test_the_readme_is_written_from_what_was_measured() -> None:
    """The README's numbers come from JSON: a column for each run, what is not met said, nothing else changed."""
    runs = [
        table.as_json(table.Run(contacts, dict.fromkeys(MACHINE, "?"), [each]))
        for contacts, each in ((1_000_000, TIMED), (5_000_000, replace(TIMED, bound=2.0, note="worst 9 s")))
    ]
    written = readme.put(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", readme.section(runs))
    assert written.startswith(
        f"before\n{readme.BEGIN}\n| work | against | at least | at 1,000,000 | ours | at 5,000,000"
    )
    assert "| 3.00 (2.00 to 4.00) | 3 s | 3.00 (2.00 to 4.00) **not met** | 3 s; worst 9 s |" in written
    assert "old" not in written
    assert written.endswith(f"{readme.END}\nafter\n")
    with pytest.raises(ValueError, match="has no part between"):
        readme.put("nothing here", "")


def test_the_readme_has_a_measured_part() -> None:
    """The README keeps the two comments between which its numbers are written."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.put(text, "x") != text
