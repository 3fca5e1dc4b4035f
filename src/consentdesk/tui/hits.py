"""The rows of the search results: contact points, and addresses that nobody has seen; and what is said without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from consentdesk.display import channel_words, day
from consentdesk.ledger.found import Hit, SearchPage
from consentdesk.rules.addresses import Address
from consentdesk.rules.vocabulary import Channel, State
from consentdesk.tui.states import LOOK_OF_STATE, words_of_state
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import Line

Row = Hit | Address

_CHANNELS = tuple(Channel)


@dataclass
class Hint:
    """What is said when nothing was found; the ledger may know a better sentence."""

    words: str = "Nothing found. Search by email, phone, name or external id, or paste a whole ticket."


class HitColumns:
    """Paints results; ``zone`` is where their dates are read."""

    def __init__(self, zone: tzinfo) -> None:
        self._columns: Columns[Hit] = Columns(
            Column("Person", lambda hit: (_who(hit), ""), 12, grows=3, from_width=74),
            Column("Contact point", lambda hit: (hit.address, "strong"), 20, grows=3),
            Column("Channel", lambda hit: (channel_words(hit.channel), ""), 8),
            Column("State", _state_cell, 19),
            Column("Since", lambda hit: (day(hit.since, zone), "muted"), 10, from_width=61),
        )

    def heading(self, width: int) -> Line:
        """The line above the rows."""
        return self._columns.heading(width)

    def line(self, row: Row, width: int) -> Line:
        """One row."""
        if isinstance(row, Address):
            offer = ": record an opt-out" if row.is_valid else ", which is no valid one: record an opt-out"
            return [("nobody has seen ", "muted"), (row.text, "strong"), (offer, "normal")]
        return self._columns.line(row, width)


def rows_of(page: SearchPage, *, is_first: bool) -> list[Row]:
    """A page as rows: unseen addresses last, and of one person's contact points the subscribed ones first.

    Whoever asks for an end to messages is looked up where they get them.
    """
    unseen: Sequence[Row] = page.unseen if is_first else ()
    return [*(hit for _, own in groupby(page.hits, _owner) for hit in sorted(own, key=_likelihood)), *unseen]


def is_same_row(one: Row, other: Row) -> bool:
    """Whether two rows are about the same thing, before and after something changed."""
    if isinstance(one, Hit) and isinstance(other, Hit):
        return one.contact_point_id == other.contact_point_id
    return _text(one) == _text(other)


def _text(row: Row) -> str:
    return row.text if isinstance(row, Address) else row.address


def _owner(hit: Hit) -> object:
    return hit.person.id if hit.person is not None else hit.address


def _likelihood(hit: Hit) -> tuple[bool, int]:
    return hit.state is not State.SUBSCRIBED, _CHANNELS.index(hit.channel)


def _who(hit: Hit) -> str:
    """The name, or else the external id: a name is what people are looked for by."""
    return (hit.person.name or hit.person.external_id or "") if hit.person is not None else ""


def _state_cell(hit: Hit) -> tuple[str, str]:
    return words_of_state(hit.state, hit.is_permanent), LOOK_OF_STATE[hit.state]
