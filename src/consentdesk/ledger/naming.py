"""Where else an erased address is named: in a name or an external id, which then goes, or in what is about others.

Many systems number people by their email address. What stays is told of: another contact point's note is that one's
evidence, and a message's number stands in the chain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from consentdesk.ledger import search_index
from consentdesk.ledger.book import driver_of, marks, rows_of
from consentdesk.ledger.pen import put
from consentdesk.ledger.points import chunks

FEWEST_DIGITS = 7
"""Digits of a number without its country that are taken for the same number."""

TOLD = 20
"""Places that are told of, of each kind."""

_PLACES = (
    (
        "event {}",
        """
SELECT id FROM events WHERE names_it(message_id) OR names_it(source)
 UNION
SELECT e.id FROM events e JOIN (SELECT id FROM texts WHERE names_it(body)) t
    ON t.id IN (e.explanation_id, e.note_id, e.reference_id)
""",
    ),
    (
        "line {} of the operators' log",
        "SELECT l.id FROM operator_log l JOIN texts t ON t.id = l.text_id WHERE names_it(t.body)",
    ),
    ("import {}", "SELECT id FROM imports WHERE names_it(file_name) OR names_it(path)"),
    ("person {}", "SELECT id FROM persons WHERE names_it(name) OR names_it(external_id)"),
)

Spelled = tuple[str, str]
"""The key of an address, and how it is shown."""


def names(text: str, addresses: Iterable[Spelled]) -> bool:
    """Whether a text has one of these addresses in it, in whatever letter case or grouping of digits."""
    folded, digits = text.casefold(), re.sub(r"\D", "", text).lstrip("0")
    for key, shown in addresses:
        if key.casefold() in folded or shown.casefold() in folded:
            return True
        if key.startswith("+") and len(digits) >= FEWEST_DIGITS and key.endswith(digits):
            return True
    return False


def still_named(connection: Connection, addresses: Iterable[Spelled]) -> tuple[str, ...]:
    """Where an address is still named, in words, as far as its very spelling tells.

    Walks every text and event once, however many addresses there are.
    """
    spelled = {re.escape(each) for pair in addresses for each in pair}
    if not spelled:
        return ()
    bare, search = driver_of(connection), re.compile("|".join(sorted(spelled)), re.IGNORECASE).search
    bare.create_function("names_it", 1, lambda said: said is not None and search(said) is not None)
    try:
        return tuple(
            words.format(number)
            for words, query in _PLACES
            for (number,) in bare.execute(f"{query} ORDER BY 1 LIMIT {TOLD}")
        )
    finally:
        bare.create_function("names_it", 1, None)  # which knows the address


def forget_in_persons(connection: Connection, persons: Collection[int], addresses: Sequence[Spelled]) -> None:
    """Take an address that is erased out of names and external ids: of these persons, and of whoever bears it."""
    found = {}
    for column, wanted in (
        ("id", sorted(persons)),
        ("external_id", [each for pair in addresses for each in pair]),
    ):
        for some in chunks(wanted):
            query = f"SELECT id, name, external_id FROM persons WHERE {column} IN ({marks(some)})"  # noqa: S608
            found.update({number: said for number, *said in rows_of(connection, query, some)})
    for number, (name, external_id) in found.items():
        is_name, is_id = (said is not None and names(said, addresses) for said in (name, external_id))
        if not is_name and not is_id:
            continue
        query = "SELECT id FROM contact_points WHERE person_id = ?"
        points = [point for (point,) in rows_of(connection, query, (number,))]
        search_index.take_out(connection, points)
        for is_it, columns in ((is_name, "name = NULL, search_name = NULL"), (is_id, "external_id = NULL")):
            if is_it:
                put(connection, f"UPDATE persons SET {columns} WHERE id = ?", [(number,)])  # noqa: S608
        search_index.index_again(connection, points)
