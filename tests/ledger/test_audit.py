"""The audit: every event and operator action in one order, what became of each, and how it is filtered and paged."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from busy_ledger import Told, all_of, busy
from ledger_kit import AGENT, FILE, HandClock, dump, opt_in, opt_out, run_sql

from consentdesk.ledger import audit
from consentdesk.ledger.audit_views import AuditEntry, AuditFilter, AuditOutcome
from consentdesk.ledger.dossier_views import Handed
from consentdesk.ledger.faults import BadRequest, NotAllowed
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Origin
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import Channel, Door


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """A ledger in which everything has happened; no test may change it."""
    path = tmp_path_factory.mktemp("busy") / "ledger.db"
    return path, busy(path, HandClock())


@pytest.fixture
def busy_ledger(told: tuple[Path, Told]) -> Ledger:
    """The same, opened."""
    return Ledger.open(told[0], clock=HandClock("2026-01-01T00:00:00Z"))


@pytest.fixture
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks that take in so few rows that every page is bounded by them."""
    for name, few in {
        "EVENTS_AT_ONCE": 5,
        "LINES_AT_ONCE": 3,
        "DERIVED_AT_ONCE": 4,
        "_DECIDED_TOGETHER": 2,
    }.items():
        monkeypatch.setattr(audit, name, few)


def test_nothing_is_missing_and_all_is_in_order(busy_ledger: Ledger, told: tuple[Path, Told]) -> None:
    """Every event and every line of the log is there once, the newest first."""
    entries = all_of(busy_ledger)
    events = [number for (number,) in dump(told[0], "SELECT id FROM events ORDER BY id DESC")]
    lines = [number for (number,) in dump(told[0], "SELECT id FROM operator_log ORDER BY id DESC")]
    assert [each.number for each in entries if each.is_event] == events
    assert [each.number for each in entries if not each.is_event] == lines
    assert [each.at for each in entries] == sorted((each.at for each in entries), reverse=True)


def test_everything_that_is_audited_has_happened(busy_ledger: Ledger) -> None:
    """The busy ledger has every outcome and every kind of action, so that the tests on it prove something."""
    entries = all_of(busy_ledger)
    assert {each.outcome for each in entries} == set(AuditOutcome)
    assert {
        "opt_in",
        "opt_out",
        "no_decision",
        "retraction",
        "role_set",
        "list_archived",
        "campaign_edited",
    } | {"refused", "not_allowed", "exported", "import_started", "import_complete", "import_withdrawn"} <= {
        each.what for each in entries
    }


def test_outcomes_are_those_that_were_told(busy_ledger: Ledger, told: tuple[Path, Told]) -> None:
    """What became of an event is what its operator was told when it was recorded, retractions included, whatever
    was retracted, archived, edited or deleted since."""
    became = {each.number: each.outcome for each in all_of(busy_ledger) if each.is_event}
    assert {number: became[number] for number in told[1]} == told[1]


def test_coming_back_names_what_it_lifted(busy_ledger: Ledger) -> None:
    """An opt-in that lifted an opt-out names it: an earlier one of the same contact point, at its own time."""
    entries = all_of(busy_ledger)
    events = {each.number: each for each in entries if each.is_event}
    back = [each for each in entries if each.outcome is AuditOutcome.RESUBSCRIBED]
    assert back
    for each in back:
        assert each.lifted is not None
        opt_out_lifted = events[each.lifted]
        assert (opt_out_lifted.what, opt_out_lifted.contact_point_id) == ("opt_out", each.contact_point_id)
        assert each.number > opt_out_lifted.number
    assert all(each.lifted is None for each in entries if each not in back)


def test_a_pack_is_one_line(ledger: Ledger) -> None:
    """What an evidence pack was about stands behind its line, which says how many, until it is asked for."""
    ledger.record([opt_in("a@example.com"), opt_in("b@example.com")], AGENT)
    ledger.note_evidence(Handed("ab" * 32, 2, 0, 0, 2, (1, 2)), AGENT)
    assert [each.what for each in all_of(ledger)][:2] == ["evidence_written", "opt_in"]
    assert all_of(ledger)[0].detail["contact_points"] == 2
    assert all_of(ledger, AuditFilter(channel=Channel.EMAIL))[0].what == "evidence_written"
    assert [each.address for each in all_of(ledger, AuditFilter(what="evidence_given"))] == [
        "b@example.com",
        "a@example.com",
    ]


def test_refused_and_not_allowed_are_refused(busy_ledger: Ledger) -> None:
    """What was attempted in vain says so, with its code; what was carried out is done."""
    lines = [each for each in all_of(busy_ledger) if not each.is_event]
    assert {each.what for each in lines if each.outcome is AuditOutcome.REFUSED} == {"refused", "not_allowed"}
    assert {each.code for each in lines if each.what == "refused"} >= {"UNABLE_TO_SUBSCRIBE", "LIST_ARCHIVED"}
    assert all(each.code is None for each in lines if each.outcome is AuditOutcome.DONE)


def test_each_entry_says_whom_or_what_it_is_about(busy_ledger: Ledger) -> None:
    """An event knows its contact point and address; a line its list, campaign, import or channel."""
    entries = all_of(busy_ledger)
    assert all(each.contact_point_id and each.address and each.channel for each in entries if each.is_event)
    by_what = {each.what: each for each in entries}
    exported = by_what["exported"]
    assert (exported.channel, exported.list, exported.detail["rows"]) == (Channel.EMAIL, "News", 2)
    assert by_what["list_archived"].list == "Offers"
    assert by_what["campaign_deleted"].campaign == "join"
    complete = by_what["import_complete"]
    assert (complete.import_id, complete.campaign, complete.detail["file"]) == (1, "form", "people.csv")
    elsewhere = next(each for each in entries if each.address == "not an address")
    assert (elsewhere.what, elsewhere.code, elsewhere.channel) == ("refused", "INVALID_PHONE", Channel.SMS)


FILTERS: dict[str, Callable[[AuditEntry], AuditFilter]] = {
    "operator": lambda entry: AuditFilter(operator=entry.operator),
    "door": lambda entry: AuditFilter(door=entry.door),
    "channel": lambda entry: AuditFilter(channel=entry.channel),
    "list": lambda entry: AuditFilter(channel=entry.channel, list=entry.list),
    "campaign": lambda entry: AuditFilter(campaign=entry.campaign),
    "reason": lambda entry: AuditFilter(reason=entry.reason),
    "outcome": lambda entry: AuditFilter(outcome=entry.outcome),
    "what": lambda entry: AuditFilter(what=entry.what),
    "import": lambda entry: AuditFilter(import_id=entry.import_id),
    "since": lambda entry: AuditFilter(since=entry.at),
    "until": lambda entry: AuditFilter(until=entry.at),
}
"""Each filter, set to what some entry says."""


def fits(entry: AuditEntry, wanted: AuditFilter) -> bool:
    """Whether an entry is sought, as plainly as it can be said."""
    return all(
        (
            wanted.since is None or entry.at >= wanted.since,
            wanted.until is None or entry.at <= wanted.until,
            wanted.operator is None or entry.operator == wanted.operator,
            wanted.door is None or entry.door is wanted.door,
            wanted.channel is None or entry.channel is wanted.channel,
            wanted.list is None or entry.list == wanted.list,
            wanted.campaign is None or entry.campaign == wanted.campaign,
            wanted.reason is None or entry.reason == wanted.reason,
            wanted.outcome is None or entry.outcome is wanted.outcome,
            wanted.what is None or entry.what == wanted.what,
            wanted.import_id is None or entry.import_id == wanted.import_id,
        )
    )


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.usefixtures("short_looks")
def test_a_filter_finds_what_the_whole_shows(busy_ledger: Ledger, name: str) -> None:
    """Filtering in the ledger, by looks of a few rows, comes to the same as filtering all entries by hand."""
    entries = all_of(busy_ledger)
    for wanted in {FILTERS[name](entry) for entry in entries}:
        assert all_of(busy_ledger, wanted, limit=3) == [each for each in entries if fits(each, wanted)]


@pytest.mark.usefixtures("short_looks")
def test_filters_go_together(busy_ledger: Ledger) -> None:
    """Whatever filters are combined, every one of them holds."""
    entries = all_of(busy_ledger)
    chance = random.Random(5)
    found = 0
    for _ in range(60):
        wanted = AuditFilter()
        entry = chance.choice(entries)
        for name in chance.sample(sorted(FILTERS), chance.randint(2, 4)):
            said = FILTERS[name](entry)
            changes = {
                each: getattr(said, each) for each in AuditFilter.__slots__ if getattr(said, each) is not None
            }
            wanted = replace(wanted, **changes)
        expected = [each for each in entries if fits(each, wanted)]
        assert all_of(busy_ledger, wanted, limit=4) == expected
        found += len(expected)
    assert found > 60


def test_names_are_found_in_any_letter_case(busy_ledger: Ledger) -> None:
    """Lists, campaigns and reasons are sought as they are named elsewhere, in any letter case."""
    assert all_of(busy_ledger, AuditFilter(channel=Channel.EMAIL, list="news"))
    assert all_of(busy_ledger, AuditFilter(campaign="FORM"))
    assert all_of(busy_ledger, AuditFilter(operator="RITA")) == all_of(
        busy_ledger, AuditFilter(operator="rita")
    )
    assert all_of(busy_ledger, AuditFilter(operator="ROBOT"))
    [moved] = all_of(busy_ledger, AuditFilter(reason=" moved away "))
    assert moved.reason == "Moved Away"


@pytest.mark.parametrize(
    "wanted",
    [
        AuditFilter(list="News"),
        AuditFilter(list="Nothing", channel=Channel.EMAIL),
        AuditFilter(campaign="nothing"),
        AuditFilter(what="nothing"),
        AuditFilter(import_id=9),
    ],
)
def test_what_is_not_there_cannot_be_sought(busy_ledger: Ledger, wanted: AuditFilter) -> None:
    """An unknown list or campaign, and a list without its channel, is said to be none, not shown as nothing."""
    with pytest.raises(BadRequest):
        busy_ledger.audit(wanted)


@pytest.mark.usefixtures("short_looks")
def test_a_rare_thing_takes_bounded_looks(busy_ledger: Ledger) -> None:
    """A look that finds nothing hands back where it stopped, further back each time, and never loses the thing."""
    everything = all_of(busy_ledger)
    after, found, went_back_to = None, list[AuditEntry](), list[Moment]()
    while True:
        page = busy_ledger.audit(AuditFilter(operator="robot", reason="moved away"), after=after)
        found += page.entries
        after = page.after
        if after is None or page.looked_back_to is None:
            break
        went_back_to.append(page.looked_back_to)
    assert [each.reason for each in found] == ["Moved Away"]
    assert len(went_back_to) > len(everything) / 20
    assert went_back_to == sorted(went_back_to, reverse=True)


def test_pages_hold_while_new_events_arrive(ledger: Ledger, clock: HandClock) -> None:
    """What is recorded while somebody turns pages is on none of the later ones, and nothing comes twice or is lost."""
    for number in range(9):
        ledger.record([opt_in(f"p{number}@example.com")], AGENT)
        clock.wind()
    before = all_of(ledger)
    found, after = list[AuditEntry](), None
    while True:
        page = ledger.audit(AuditFilter(), limit=4, after=after)
        found += page.entries
        after = page.after
        if after is None:
            break
        clock.wind()
        ledger.record([opt_in("late@example.com"), opt_in("not an address")], AGENT)
    assert found == before


def test_a_clock_that_runs_backwards_hides_no_line(ledger: Ledger, clock: HandClock) -> None:
    """The log's time never decreases, so a range of time finds what was written while the clock was wrong."""
    ledger.record([opt_in("not an address")], AGENT)
    clock.wind(-3600)
    ledger.record([opt_in("neither is this")], AGENT)
    entries = all_of(ledger)
    assert [each.at for each in entries] == sorted((each.at for each in entries), reverse=True)
    newest = entries[0]
    assert newest in all_of(ledger, AuditFilter(since=newest.at))


def test_an_erased_address_is_shown_no_more(ledger: Ledger, path: Path) -> None:
    """The events of an erased address stay in the audit, and say nothing of it."""
    ledger.record([opt_in("gone@example.com"), opt_out("stays@example.com")], AGENT)
    ledger.close()
    run_sql(
        path,
        "UPDATE addresses SET text = '', salt = x'', key = 'erased', commitment = 'c', erased_at = 1 "
        "WHERE key = 'gone@example.com'",
    )
    with Ledger.open(path, clock=HandClock(), check_whole=False) as opened:
        shown = {each.what: each.address for each in all_of(opened) if each.is_event}
    assert shown == {"opt_in": None, "opt_out": "stays@example.com"}


@pytest.mark.parametrize(("operator", "may"), [("rita", True), ("ada", True), ("una", False)])
def test_only_reviewers_and_admins_read_it(told: tuple[Path, Told], operator: str, may: bool) -> None:
    """Reading the audit takes a role that may; whoever has none is told so."""
    with Ledger.open(told[0], clock=HandClock("2026-01-01T00:00:00Z"), operator=operator) as opened:
        if may:
            assert opened.audit(AuditFilter()).entries
        else:
            with pytest.raises(NotAllowed, match="may not read the audit"):
                opened.audit(AuditFilter())


def test_reading_waits_for_nobody_who_writes(told: tuple[Path, Told]) -> None:
    """Whoever may read the audit can do so while somebody else holds the ledger's pen."""
    with (
        Ledger.open(told[0], clock=HandClock("2026-01-01T00:00:00Z")) as writer,
        Ledger.open(told[0], clock=HandClock("2026-01-01T00:00:00Z"), operator="rita") as reader,
        writer._book.writing(None),
    ):
        assert reader.audit(AuditFilter()).entries


def test_taking_it_out_leaves_a_line(ledger: Ledger, clock: HandClock) -> None:
    """Reading all rows to their end notes in the log how many were taken out by whom; stopping early does not."""
    ledger.record([opt_in(), opt_in("not an address")], AGENT)
    before = all_of(ledger)
    first = ledger.audit_rows(AuditFilter(), FILE)
    next(first)
    first.close()
    assert all_of(ledger) == before
    assert list(ledger.audit_rows(AuditFilter(), FILE)) == before
    [line, *_] = all_of(ledger)
    assert (line.what, line.operator, line.door) == ("audit_exported", "ops", Door.CSV_IMPORT)
    assert line.detail == {"rows": len(before)}
    list(ledger.audit_rows(AuditFilter(since=Moment(0), channel=Channel.EMAIL, what="opt_in"), FILE))
    [narrow, *_] = all_of(ledger)
    assert (narrow.channel, narrow.detail["rows"]) == (Channel.EMAIL, 1)
    assert (narrow.detail["since"], narrow.detail["what"]) == ("1970-01-01T00:00:00Z", "opt_in")


def test_a_reviewer_takes_it_out(ledger: Ledger, path: Path, clock: HandClock) -> None:
    """A reviewer, who can change nothing, can take the audit out, and that leaves a line as anybody's does."""
    ledger.set_role("rita", Role.REVIEWER, AGENT)
    before = ledger.head()
    with Ledger.open(path, clock=clock, operator="rita") as opened:
        rows = list(opened.audit_rows(AuditFilter(), Origin(Door.OPERATOR, "rita")))
    assert all_of(ledger)[1:] == rows
    assert all_of(ledger)[0].operator == "rita"
    assert (ledger.head().events, ledger.head().changes) == (before.events, before.changes)
    assert ledger.verify().is_sound
