"""The stored states are the fold's answer, over random histories that came through the ledger's own door."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_kit import AGENT, FILE, PHONE, HandClock, dump, furnish, job, row

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Kind, Reason

ADDRESSES = ("a@example.com", "b@example.com", "+61491570156")


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Any change of one of three addresses, dated within the last days or not at all."""
    address = draw(st.sampled_from(ADDRESSES))
    channel = Channel.EMAIL if "@" in address else draw(st.sampled_from([Channel.SMS, Channel.WHATSAPP]))
    kind = draw(st.sampled_from([Kind.OPT_IN, Kind.OPT_IN, Kind.OPT_OUT, Kind.NO_DECISION]))
    lists = [None, "News", "Offers"] if channel is Channel.EMAIL else [None, "Alerts", "Unknown"]
    scope = draw(st.sampled_from(lists))
    permanent = kind is Kind.OPT_OUT and scope is None and draw(st.integers(0, 11)) == 0
    days = draw(st.none() | st.integers(1, 9))
    return Change(
        channel=channel,
        address=address,
        kind=kind,
        list=scope,
        permanent=permanent,
        reason=draw(st.sampled_from([None, *Reason])) if kind is Kind.OPT_OUT else None,
        campaign=draw(st.sampled_from(["form", "form", "join", None])) if kind is Kind.OPT_IN else None,
        at=None if days is None else f"2025-01-0{days}",
    )


deeds = st.lists(
    st.one_of(
        changes().map(lambda change: ("record", change)),
        st.lists(changes(), max_size=4).map(lambda some: ("import", some)),
        st.integers(1, 12).map(lambda number: ("retract", number)),
        st.just(("archive", None)),
        st.integers(1, 90_000).map(lambda seconds: ("wait", seconds)),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(deeds)
def test_the_projection_is_the_fold(history: list[tuple[str, object]]) -> None:
    """Whatever is recorded, imported, retracted or archived, the states stored are those that the fold gives."""
    clock = HandClock("2025-01-10T00:00:00Z")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with Ledger.open(path, clock=clock, create=True) as ledger:
            furnish(ledger)
            for number, (deed, what) in enumerate(history):
                perform(ledger, clock, deed, what, number)
            found = ledger.verify()
            assert found.is_sound, found
            stored = dump(path, "SELECT * FROM states ORDER BY 1, 2")
            ledger.rebuild()
            assert ledger.verify().is_sound
            rebuilt = dump(path, "SELECT * FROM states ORDER BY 1, 2")
        if not any(deed == "archive" for deed, _ in history):
            assert stored == rebuilt


def perform(ledger: Ledger, clock: HandClock, deed: str, what: object, number: int) -> None:
    """Do one thing to the ledger."""
    if deed == "record":
        assert isinstance(what, Change)
        ledger.record([what], PHONE if what.reason == Reason.KEYWORD_OPT_OUT else AGENT)
    elif deed == "import":
        assert isinstance(what, list)
        ledger.run_import(job(f"file {number}"), [row(n, each) for n, each in enumerate(what, 2)], FILE)
    elif deed == "retract":
        assert isinstance(what, int)
        if what <= ledger.verify().events:
            ledger.retract(what, "in error", AGENT)
    elif deed == "archive":
        if all(each.archived_at is None for each in ledger.lists() if each.name == "News"):
            ledger.archive_list("News", Channel.EMAIL, AGENT)
    else:
        assert isinstance(what, int)
        clock.wind(what)


def about_b(kind: Kind, said: dict[str, Any]) -> Change:
    """One change of the second address."""
    return Change(channel=Channel.EMAIL, address=ADDRESSES[1], kind=kind, **said)


REFUSED_IN_ONE_ORDER: tuple[tuple[Kind, dict[str, Any]], ...] = (
    (Kind.OPT_IN, {"list": "News", "campaign": "form"}),
    (Kind.NO_DECISION, {"at": "2025-01-01"}),
    (Kind.OPT_OUT, {"permanent": True}),
)
"""The opt-in is refused where the no_decision was read before it, and then its list has no story."""


@settings(max_examples=60, deadline=None)
@example([about_b(*said) for said in REFUSED_IN_ONE_ORDER], Random(1))
@given(st.lists(changes(), min_size=1, max_size=8), st.randoms())
def test_rows_of_a_file_in_any_order(some: list[Change], shuffler: object) -> None:
    """The rows of one file give the same states in any order."""
    shuffled = list(some)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert states_after(some) == states_after(shuffled)


def states_after(some: list[Change]) -> list[tuple[object, ...]]:
    """The states that a file leaves, by address and list. A permanent opt-out reaches every list, whether or
    not a row says so, and it says so only of lists with events."""
    clock = HandClock("2025-01-10T00:00:00Z")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with Ledger.open(path, clock=clock, create=True) as ledger:
            furnish(ledger)
            ledger.run_import(job(), [row(n, each) for n, each in enumerate(some, 2)], FILE)
        return dump(
            path,
            "SELECT a.key, c.channel, s.list_id, s.state, s.permanent FROM states s "
            "JOIN contact_points c ON c.id = s.contact_point_id JOIN addresses a ON a.id = c.address_id "
            "WHERE s.list_id = 0 OR NOT s.permanent ORDER BY 1, 2, 3",
        )


def test_moments_survive_the_ledger(ledger: Ledger, clock: HandClock) -> None:
    """A moment comes back from the ledger to the microsecond."""
    clock.moment = Moment(clock.moment + 123_456)
    ledger.record([Change(channel=Channel.EMAIL, address="a@example.com", kind=Kind.OPT_OUT)], AGENT)
    [event] = ledger.contact("a@example.com").points[0].events
    assert iso(event.recorded_at).endswith(".123456Z")
