"""Opening a ledger: made whole or not at all, checked, migrated, and every fault one sentence."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import AGENT, HandClock, drop_guards, dump, furnish, opt_in, run_sql
from older_ledgers import take_back

from consentdesk.ledger import faults, glance, schema, sqlite
from consentdesk.ledger.ledger import Ledger
from rights import as_nobody


def test_a_missing_ledger_is_not_made_by_reading(path: Path, clock: HandClock) -> None:
    """A typing mistake in the path must not answer "no consent": nothing is created for a reader."""
    with pytest.raises(faults.NoLedger, match=r"There is no ledger at .*ledger\.db"):
        Ledger.open(path, clock=clock)
    assert not path.exists()


def test_a_new_ledger_is_announced(path: Path, clock: HandClock) -> None:
    """Whoever creates a ledger is told where."""
    told: list[Path] = []
    Ledger.open(path, clock=clock, create=True, on_create=told.append).close()
    Ledger.open(path, clock=clock, create=True, on_create=told.append).close()
    assert told == [path]
    assert sorted(each.name for each in path.parent.iterdir()) == ["ledger.db"]


def test_a_ledger_keeps_its_pragmas(path: Path, clock: HandClock) -> None:
    """WAL is on, foreign keys are enforced, a commit is durable, and REPLACE asks the guards."""
    Ledger.open(path, clock=clock, create=True).close()
    with closing(sqlite.connect(path)) as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "foreign_keys", "synchronous", "recursive_triggers")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "recursive_triggers": 1}


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be read as one" * 50])
def test_a_file_that_is_no_ledger(path: Path, clock: HandClock, content: bytes) -> None:
    """An empty file, or one that is no database, is refused with a sentence and left as it was."""
    path.write_bytes(content)
    with pytest.raises(faults.NotALedger, match="is no consent ledger"):
        Ledger.open(path, clock=clock, create=True)
    assert path.read_bytes() == content


def test_a_database_of_another_program(path: Path, clock: HandClock) -> None:
    """Another program's SQLite file is refused and not touched."""
    run_sql(
        path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')"
    )
    before = path.read_bytes()
    with pytest.raises(faults.NotALedger):
        Ledger.open(path, clock=clock, create=True)
    assert path.read_bytes() == before


def test_a_directory(tmp_path: Path, clock: HandClock) -> None:
    """A directory is refused with a sentence."""
    with pytest.raises(faults.NotALedger, match="is a directory"):
        Ledger.open(tmp_path, clock=clock, create=True)


def test_a_newer_ledger(path: Path, clock: HandClock) -> None:
    """A ledger of a newer version is refused with a sentence that says to update."""
    Ledger.open(path, clock=clock, create=True).close()
    run_sql(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(faults.LedgerIsNewer, match=r"newer version .* update Consent Desk"):
        Ledger.open(path, clock=clock)


def test_a_locked_ledger(path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that another program holds is a sentence, after a wait; nothing is written."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    with Ledger.open(path, clock=clock, create=True) as ledger, closing(sqlite3.connect(path)) as other:
        furnish(ledger)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(faults.LedgerIsLocked, match="locked by another program"):
            ledger.record([opt_in()], AGENT)
        other.execute("ROLLBACK")
        assert ledger.verify().events == 0


@pytest.fixture
def without_rights(tmp_path: Path) -> Iterator[Path]:
    """A folder that the process may read and not write, also where the tests are run by root."""
    Ledger.open(tmp_path / "first.db", clock=HandClock(), create=True).close()
    for each in tmp_path.iterdir():
        each.chmod(0o444)
    tmp_path.chmod(0o555)
    with as_nobody(tmp_path):
        yield tmp_path
    tmp_path.chmod(0o700)


def test_a_read_only_folder(without_rights: Path, clock: HandClock) -> None:
    """A folder or file that may not be written is a sentence, and nothing is left behind."""
    with pytest.raises(faults.LedgerUnwritable):
        Ledger.open(without_rights / "ledger.db", clock=clock, create=True)
    with pytest.raises(faults.LedgerFault), Ledger.open(without_rights / "first.db", clock=clock) as ledger:
        ledger.record([opt_in()], AGENT)
    assert [each.name for each in without_rights.iterdir()] == ["first.db"]


def test_a_path_through_a_file(tmp_path: Path, clock: HandClock) -> None:
    """A path that cannot be is a sentence, not a traceback."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(faults.LedgerFault):
        Ledger.open(tmp_path / "file" / "ledger.db", clock=clock, create=True)


def test_a_link_to_nowhere(path: Path, clock: HandClock) -> None:
    """A ledger is made where a dangling link points, and nothing else is left behind."""
    link = path.with_name("link.db")
    link.symlink_to(path)
    with Ledger.open(link, clock=clock, create=True) as ledger:
        assert ledger.verify().is_sound
    assert path.is_file()


def test_missing_guards_are_noticed_and_set_again(path: Path, clock: HandClock) -> None:
    """A ledger whose guards are gone is not opened for work; verify says which, rebuild sets them again."""
    Ledger.open(path, clock=clock, create=True).close()
    drop_guards(path, ["events_refuse_delete"])
    with pytest.raises(faults.LedgerIsDamaged, match="events_refuse_delete"):
        Ledger.open(path, clock=clock)
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        fault = ledger.verify().first_fault
        assert fault is not None
        assert "events_refuse_delete" in fault.what
        ledger.rebuild()
    Ledger.open(path, clock=clock).close()


def test_migrating_keeps_a_copy_and_makes_the_guards_again(
    path: Path, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older ledger is migrated after a copy was put aside and told of; a batch alter costs no guards."""
    with Ledger.open(path, clock=clock, create=True) as ledger:
        furnish(ledger).record([opt_in()], AGENT)
        head = ledger.verify().head
    later = tmp_path / "later"
    shutil.copytree(Path(schema.__file__).parent / "migrations", later)
    (later / "versions" / "r9999_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9999', '{schema.REVISIONS[-1]}', None, None\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('events', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('colour', sa.String))\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", str(later))
    was = schema.REVISIONS[-1]
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    told: list[Path] = []
    with Ledger.open(path, clock=clock, on_migrate=told.append) as ledger:
        assert ledger.verify().head == head
        assert ledger.verify().is_sound
    [copy] = tmp_path.glob(f"ledger.db.before-migration-of-{was}-*")
    assert dump(copy, "SELECT version_num FROM alembic_version") == [(was,)]
    assert dump(copy, "SELECT count(*) FROM events") == [(1,)]
    assert told == [copy]
    with closing(sqlite.connect(path)) as connection:
        assert sqlite.missing_guards(connection) == []


def test_a_ledger_of_the_first_version_is_migrated(path: Path, tmp_path: Path, clock: HandClock) -> None:
    """A ledger of the first version keeps its events, its chain and its imports, one of them never ended.

    A desk of that version, which knows nothing of what is new, must not go on writing afterwards.
    """
    with Ledger.open(path, clock=clock, create=True) as ledger:
        furnish(ledger).record([opt_in()], AGENT)
        head = ledger.verify().head
    take_back(path, "0001")
    with closing(sqlite.connect(path)) as older_desk:
        older_desk.execute("SELECT * FROM events").fetchall()
        with pytest.raises(faults.LedgerIsLocked, match="close the older desks"):
            Ledger.open(path, clock=clock)
    run_sql(
        path,
        "INSERT INTO imports VALUES (1, 'old.csv', 'd', 'statuses', '{}', 'ops', 'csv_import', NULL, 0, 1, "
        "'running', '{}')",
    )
    with Ledger.open(path, clock=clock) as ledger:
        assert (ledger.verify().head, ledger.verify().is_sound) == (head, True)
        [old] = ledger.imports()
        assert (old.status, old.path, old.allowed_resubscribed) == ("interrupted", None, 0)
        assert ledger.mappings() == ()
    assert len(list(tmp_path.glob("ledger.db.before-migration-of-0001-*"))) == 1


def test_of_two_desks_that_start_at_once_the_later_leaves_the_copy_alone(
    path: Path, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds a ledger brought up to date by another meanwhile keeps the copy of how it was before."""
    Ledger.open(path, clock=clock, create=True).close()
    take_back(path, "0003")
    look = sqlite.is_open_elsewhere

    def look_after_another(ledger: Path) -> bool:
        monkeypatch.setattr(sqlite, "is_open_elsewhere", look)
        Ledger.open(ledger, clock=clock).close()
        return look(ledger)

    monkeypatch.setattr(sqlite, "is_open_elsewhere", look_after_another)
    told: list[Path] = []
    Ledger.open(path, clock=clock, on_migrate=told.append).close()
    [copy] = tmp_path.glob("ledger.db.before-migration-of-0003-*")
    assert dump(copy, "SELECT version_num FROM alembic_version") == [("0003",)]
    assert told == []


def test_tables_are_what_the_migrations_make(path: Path, clock: HandClock) -> None:
    """The table models and the migrated schema do not drift apart."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    from consentdesk.ledger.book import Book

    Ledger.open(path, clock=clock, create=True).close()
    book = Book(path, clock)
    with book.reading() as connection:
        context = MigrationContext.configure(connection)
        found = [
            each for each in compare_metadata(context, SQLModel.metadata) if "search_index" not in str(each)
        ]
    book.close()
    assert found == []


def test_a_ledger_killed_while_it_is_made(path: Path, clock: HandClock) -> None:
    """Killed at any moment of its making, a ledger is either whole or not there."""
    program = (
        "import sys; from pathlib import Path; from consentdesk.ledger.ledger import Ledger\n"
        "print('on', flush=True); Ledger.open(Path(sys.argv[1]), clock=lambda: 0, create=True)\n"
    )
    for wait in (0.0, 0.02, 0.05, 0.1, 0.2):
        path.unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if path.exists():
            with Ledger.open(path, clock=clock) as ledger:
                assert ledger.verify().is_sound
    with Ledger.open(path, clock=clock, create=True) as ledger:
        assert ledger.verify().is_sound


def test_the_first_read_needs_no_sqlmodel(path: Path, clock: HandClock) -> None:
    """The home screen is painted from a bare connection, before SQLModel has been imported."""
    with Ledger.open(path, clock=clock, create=True) as ledger:
        furnish(ledger).record([opt_in()], AGENT)
    program = (
        "import sys; from pathlib import Path; from consentdesk.ledger.glance import newest\n"
        "page = newest(Path(sys.argv[1]), limit=5); print(page.hits[0].address)\n"
        "print(sorted({'sqlmodel', 'sqlalchemy', 'alembic', 'pydantic', 'phonenumbers'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == ["jo@example.com", "[]"]
    assert glance.newest(path.with_name("nothing.db"), limit=5) is None
