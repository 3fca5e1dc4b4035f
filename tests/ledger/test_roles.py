"""Who may do what: the gate that every change goes through, and a reviewer's connections."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import AGENT, FILE, HandClock, drop_guards, furnish, job, opt_in, opt_out, row, run_sql
from older_ledgers import take_back

from consentdesk.cli import run
from consentdesk.ledger import sqlite
from consentdesk.ledger.export_views import ExportKind
from consentdesk.ledger.faults import BadRequest, LedgerFault, NotAllowed
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Origin
from consentdesk.ledger.tables import ImportStatus
from consentdesk.rules.roles import RIGHTS, Right, Role, may, why_not
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, Outcome
from rights import NOBODY

FACTS = CampaignFacts(kind=CampaignKind.PAPER)


@pytest.fixture
def shared(path: Path, clock: HandClock) -> Path:
    """A ledger that Ada made, where everybody has a role but Una."""
    with Ledger.open(path, clock=clock, create=True, operator="ada") as ledger:
        furnish(ledger).record([opt_in()], AGENT)
        for login, role in {"ann": Role.AGENT, "imo": Role.IMPORTER, "rita": Role.REVIEWER}.items():
            ledger.set_role(login, role, AGENT)
    return path


DEEDS: dict[Right, Callable[[Ledger], object]] = {
    Right.OPT_OUT: lambda ledger: ledger.record([opt_out("new@example.com")], AGENT),
    Right.CHANGE: lambda ledger: ledger.record([opt_in("other@example.com")], AGENT),
    Right.IMPORT: lambda ledger: ledger.run_import(job(), [row(2, opt_in())], FILE),
    Right.CATALOGUE: lambda ledger: ledger.add_campaign("Paper", FACTS, AGENT),
    Right.TAKE_OUT: lambda ledger: list(ledger.export(ExportKind.SUPPRESSION, Channel.EMAIL, origin=AGENT)),
    Right.COPIES: lambda ledger: ledger.copies(),
    Right.REBUILD: lambda ledger: ledger.rebuild(),
    Right.ROLES: lambda ledger: ledger.set_role("new", Role.AGENT, AGENT),
}
"""One thing that each right lets somebody do."""


@pytest.mark.parametrize("operator", ["una", "ann", "imo", "rita", "ada"])
@pytest.mark.parametrize("right", DEEDS, ids=lambda right: right.name.lower())
def test_a_role_may_what_it_may(shared: Path, clock: HandClock, operator: str, right: Right) -> None:
    """Each role can do what the table of rights says, and nothing else is written, but the attempt is logged."""
    with Ledger.open(shared, clock=clock, operator=operator) as ledger:
        role = ledger.role
        before = ledger.head()
        if may(role, right):
            DEEDS[right](ledger)
            return
        with pytest.raises(NotAllowed) as refused:
            DEEDS[right](ledger)
        assert str(refused.value) == why_not(operator, role, right)
        after = ledger.head()
        assert (after.events, after.changes) == (before.events, before.changes)
        [attempt] = ledger.log(limit=1)
        assert (attempt.what, attempt.operator) == ("not_allowed", operator)
        assert attempt.detail["right"] == right.name.lower()
        assert ledger.verify().is_sound


def test_anybody_may_lower() -> None:
    """Whoever may change anything at all, a login that nobody knows included, may record an opt-out."""
    for role, rights in RIGHTS.items():
        assert Right.OPT_OUT in rights or role is Role.REVIEWER
        assert Right.LOOK_UP in rights


def test_whoever_makes_a_ledger_is_its_admin(path: Path, clock: HandClock) -> None:
    """A new ledger has one operator, an admin, and the log says so."""
    with Ledger.open(path, clock=clock, create=True, operator="ada") as ledger:
        assert [(each.login, each.role) for each in ledger.operators()] == [("ada", Role.ADMIN)]
        assert [entry.what for entry in ledger.log()] == ["role_set"]


@pytest.mark.parametrize("login", ["", " padded ", "two\tparts", "x" * 300])
def test_an_odd_login_of_an_older_ledger_can_lose_its_role(path: Path, clock: HandClock, login: str) -> None:
    """Older versions took any name; an admin can take the role away that migrating gave it."""
    with Ledger.open(path, clock=clock, create=True) as ledger:
        ledger.record([opt_out()], Origin(Door.OPERATOR, login))
    take_back(path, "0003")
    with Ledger.open(path, clock=clock, operator="ada") as ledger:
        assert login in {each.login for each in ledger.operators()}
        assert [each.login for each in ledger.set_role(login, None, AGENT)] == ["ada"]
        assert ledger.verify().is_sound


def test_migrating_makes_agents_and_one_admin(path: Path, clock: HandClock) -> None:
    """Who worked in an older ledger becomes an agent, and whoever migrates it the admin."""
    with Ledger.open(path, clock=clock, create=True) as ledger:
        furnish(ledger).record([opt_in()], AGENT)
    take_back(path, "0003")
    with Ledger.open(path, clock=clock, operator="boss") as ledger:
        roles = {each.login: each.role for each in ledger.operators()}
        assert roles == {AGENT.operator: Role.AGENT, "boss": Role.ADMIN}
        assert ledger.verify().is_sound


def test_what_an_admin_takes_away_ends_at_once(shared: Path, clock: HandClock) -> None:
    """A desk that is open meanwhile can do no more than the role of this moment."""
    with (
        Ledger.open(shared, clock=clock, operator="ann") as desk,
        Ledger.open(shared, clock=clock, operator="ada") as admin,
    ):
        [done] = desk.record([opt_in("first@example.com")], AGENT)
        assert done.outcome is Outcome.APPLIED
        admin.set_role("ann", None, AGENT)
        with pytest.raises(NotAllowed, match="no role"):
            desk.record([opt_in("second@example.com")], AGENT)


def test_an_import_that_loses_its_right_half_way_says_so_once(shared: Path, clock: HandClock) -> None:
    """One refused attempt is one line in the log, and the import ends as an interrupted one, with its own line."""
    rows = [row(2 + place, opt_in(f"p{place}@example.com")) for place in range(3000)]
    with (
        Ledger.open(shared, clock=clock, operator="ada") as admin,
        Ledger.open(shared, clock=clock, operator="imo") as ledger,
    ):
        with pytest.raises(NotAllowed):
            ledger.run_import(job(), rows, FILE, progress=lambda _: void(admin.set_role("imo", None, AGENT)))
        interrupted, refused, _ = ledger.log(limit=3)
        assert (interrupted.what, refused.what) == ("import_interrupted", "not_allowed")
        assert ledger.imports()[0].status == ImportStatus.INTERRUPTED
        assert ledger.verify().is_sound


def test_a_role_given_while_the_clock_is_behind_fits(shared: Path, clock: HandClock) -> None:
    """The log's clock never runs backwards, and a role is held since the time of its line."""
    clock.wind(-3600)
    with Ledger.open(shared, clock=clock, operator="ada") as ledger:
        ledger.set_role("late", Role.AGENT, AGENT)
        assert ledger.verify().is_sound


def void(_: object) -> None:
    """What a callback gives back where nothing is asked for."""


def test_there_is_always_an_admin(shared: Path, clock: HandClock) -> None:
    """The only admin cannot give that up, since nobody could give it back."""
    with Ledger.open(shared, clock=clock, operator="ada") as ledger:
        with pytest.raises(BadRequest, match="only admin"):
            ledger.set_role("ada", Role.AGENT, AGENT)
        ledger.set_role("ann", Role.ADMIN, AGENT)
        ledger.set_role("ada", None, AGENT)
        assert {each.login for each in ledger.operators()} == {"ann", "imo", "rita"}


def test_roles_are_what_the_log_says(shared: Path, clock: HandClock) -> None:
    """A role that somebody wrote into the file, with no line in the log, does not verify."""
    run_sql(shared, "UPDATE operators SET role = 'admin' WHERE login = 'ann'")
    with Ledger.open(shared, clock=clock) as ledger:
        fault = ledger.verify().first_fault
    assert fault is not None
    assert "operator ann" in fault.what


def test_a_reviewers_connections_can_only_read(shared: Path, clock: HandClock) -> None:
    """SQLite itself refuses every write of a reviewer's connections, and all but a line in the log of the other."""
    with Ledger.open(shared, clock=clock, operator="rita") as ledger:
        with ledger._book.reading() as connection:
            bare = connection.connection.driver_connection
            assert isinstance(bare, sqlite3.Connection)
            assert bare.execute("PRAGMA query_only").fetchone() == (1,)
            bare.execute("PRAGMA query_only = OFF")
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                bare.execute("DELETE FROM states")
            bare.execute("PRAGMA query_only = ON")
        assert len(list(ledger.export(ExportKind.SUBSCRIBERS, Channel.EMAIL, origin=AGENT))) == 1
        assert ledger.log(limit=1)[0].what == "exported"
    with closing(sqlite.connect(shared, sqlite.Access.LOG)) as connection:
        for statement in (
            "INSERT INTO texts VALUES (9, x'', '', NULL)",
            "UPDATE operators SET role = 'admin'",
            "DELETE FROM states",
            "DROP TRIGGER events_refuse_delete",
            "ATTACH ':memory:' AS other",
            "PRAGMA writable_schema = ON",
        ):
            with pytest.raises(sqlite3.DatabaseError):
                connection.execute(statement).fetchall()


DONE_BY_RITA = (
    ("show", "jo@example.com"),
    ("export", "subscribers", "--channel", "email", "--out", "{}/out.csv"),
    ("opt-out", "jo@example.com", "--channel", "email"),
)


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can act as somebody else")
def test_a_reviewer_as_a_second_user(shared: Path, tmp_path: Path) -> None:
    """A reviewer with a user id of their own reads, exports with a trace, and changes nothing of the file."""
    folder = tmp_path / "team"
    folder.mkdir()
    ledger = folder / "ledger.db"
    shared.replace(ledger)
    os.chown(folder, 0, NOBODY)
    folder.chmod(0o2770)
    os.chown(ledger, 0, NOBODY)
    ledger.chmod(0o660)
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(0o755)

    def rita(*arguments: str) -> tuple[int, str]:
        """Run a command in a process of another user's; its libraries were read before, by the superuser."""
        told = tmp_path / "told"
        told.write_text("")
        child = os.fork()
        if child == 0:
            with told.open("w") as both:
                os.dup2(both.fileno(), 1)
                os.dup2(both.fileno(), 2)
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            code = run(["--ledger", str(ledger), "--operator", "rita", *arguments])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told.read_text()

    spare = tmp_path / "spare.db"
    run(["--ledger", str(spare), "campaigns", "add", "Form", "--kind", "paper"])
    for arguments in DONE_BY_RITA:
        run(["--ledger", str(spare), *(each.format(tmp_path) for each in arguments)])
    show, export, change = ([each.format(folder) for each in arguments] for arguments in DONE_BY_RITA)
    code, told = rita(*show)
    assert (code, "opted in" in told) == (0, True), told
    code, told = rita(*export)
    assert (code, (folder / "out.csv").exists()) == (0, True), told
    code, told = rita(*change)
    assert (code, "rita is a reviewer, and may not opt out" in told) == (1, True), told
    with Ledger.open(ledger, clock=HandClock(), operator="ada") as opened:
        assert [each.what for each in opened.log(limit=2)] == ["not_allowed", "exported"]
        assert opened.verify().is_sound
        assert opened.verify().events == 1


def test_migration_is_not_a_reviewers_job(
    shared: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reviewer who opens a ledger of an older version is told to ask, and the file stays as it is."""
    from consentdesk.ledger import schema

    was = schema.REVISIONS[-1]
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    with pytest.raises(NotAllowed, match="not a reviewer's job"):
        Ledger.open(shared, clock=clock, operator="rita")
    assert schema.read_version(shared) == was
    assert list(shared.parent.glob("*before-migration*")) == []


def test_a_lost_tail_is_seen_on_opening(shared: Path, clock: HandClock) -> None:
    """A ledger whose last event is gone, or was changed, does not open as if nothing had happened."""
    drop_guards(shared)
    run_sql(shared, "PRAGMA foreign_keys = OFF", "DELETE FROM events WHERE id = (SELECT max(id) FROM events)")
    with Ledger.open(shared, clock=clock, check_whole=False) as ledger:
        ledger._book.close()
    from consentdesk.ledger.schema import make_guards

    with closing(sqlite.connect(shared)) as connection:
        make_guards(connection)
    with pytest.raises(LedgerFault, match="event 1 was the last"):
        Ledger.open(shared, clock=clock, operator="ada")
