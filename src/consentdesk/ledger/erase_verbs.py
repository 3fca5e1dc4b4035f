"""The verbs of a `Ledger` that forget: erasing addresses everywhere, and deleting persons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from sqlalchemy import Connection

from consentdesk.ledger import erasing, erasing_copies, reading, search_index
from consentdesk.ledger.asked_address import address_named
from consentdesk.ledger.book import Book, marks, rows_of, stream_of
from consentdesk.ledger.erasing import DELETED_LINE, ERASED_LINE, Went
from consentdesk.ledger.erasure_views import (
    CopyReached,
    DeletionReport,
    Erasure,
    ErasureReport,
    PersonLeft,
    PersonToDelete,
    ToErase,
)
from consentdesk.ledger.faults import BadRequest, LedgerFault
from consentdesk.ledger.fingerprints import key_check
from consentdesk.ledger.forgetting import key_of
from consentdesk.ledger.found import PersonView
from consentdesk.ledger.keys import NoKey
from consentdesk.ledger.naming import names, still_named
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.reading import StoredPoint
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.wiping import STEPS, wipe
from consentdesk.rules.addresses import Address, BadAddress, read_address
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Space

Progress = Callable[[int, int | None], None]

_CLEANED_LINE = "erasure_finished"
_LAST = "SELECT coalesce(max(id), 0) FROM operator_log WHERE what IN ({marks})"
_ADDRESS = "SELECT id FROM addresses WHERE space = ? AND key = ?"
_OF_PERSON = """
SELECT a.text FROM contact_points c JOIN addresses a ON a.id = c.address_id
 WHERE c.person_id = ? AND a.id NOT IN ({marks}) GROUP BY a.id ORDER BY a.id
"""
_ELSEWHERE = """
SELECT t.id, t.body FROM operator_log l JOIN texts t ON t.id = l.text_id
 WHERE t.commitment IS NULL
"""


class EraseVerbs:
    """A part of `Ledger`, which brings the book with the keys."""

    _book: Book

    def look_at_erasure(self, addresses: Sequence[str], region: str | None = None) -> Erasure:
        """What erasing these addresses would do; nothing is written. Raises `BadRequest` for what is no address.

        That is for whoever may erase: raises `NotAllowed`, as `erase` does.
        """
        self._book.require(Right.ERASE)
        wanted = [address_named(text, None, region) for text in addresses]
        with self._book.reading() as connection:
            found, unknown = _known(connection, addresses, wanted)
            return Erasure(
                tuple(self._to_erase(connection, number, list(found)) for number in found),
                tuple(unknown),
                erasing_copies.look(connection),
                _is_unfinished(connection),
            )

    def erase(
        self,
        addresses: Sequence[str],
        origin: Origin,
        *,
        progress: Progress | None = None,
    ) -> ErasureReport:
        """Erase addresses, from the ledger and from the copies of it that are noted; with none, finish what is left.

        One transaction erases; what SQLite keeps of the old texts is cleared away afterwards, and the copies follow
        one by one. Whatever ends it half way, doing it again, for any address or none, does the rest. Raises
        `BadRequest` for what is no address and `NoKey`, before anything is written.
        """
        wanted = [address_named(text, None, origin.region) for text in addresses]
        self._book.require(Right.ERASE)
        with self._book.reading() as connection:
            known_copies = erasing_copies.look(connection)
        step = _steps(known_copies, progress)
        key = self._made_key()
        with self._book.writing(Right.ERASE) as connection:
            key_of(connection, self._book.keys)  # somebody else may have made one of their own meanwhile
            pen = Pen(connection, origin, self._book.now(connection), self._book.shelf(connection).facts)
            rows_of(connection, "UPDATE head SET key_check = ?", (key_check(key),))
            found, unknown = _known(connection, addresses, wanted)
            elsewhere = erasing.erase_texts(
                connection, set(_named_elsewhere(connection, wanted, origin.region))
            )
            went = erasing.erase_addresses(pen, found, key)
            if elsewhere:
                log(pen, ERASED_LINE, detail={"texts": elsewhere})
        step()
        traces, reached = self._cleared(known_copies, key, origin, step)
        with self._book.reading() as connection:
            named_in = still_named(connection, [(each.key, each.text) for each in wanted])
        report = _report(went, len(elsewhere), unknown, reached, traces, named_in)
        if report.is_finished:
            self._note_finished(origin, len(reached))
        return report

    def look_at_person(self, person_id: int) -> PersonToDelete:
        """A person with their contact points. Raises `BadRequest` when there is none of that number."""
        with self._book.reading() as connection:
            person, points = _person(connection, person_id)
        return PersonToDelete(person, tuple((point.id, point.address) for point in points))

    def look_at_deletion(self, person_id: int) -> PersonToDelete:
        """What deleting a person would do; as `look_at_person`, and raises `NotAllowed` as `delete_person` does."""
        self._book.require(Right.ERASE)
        with self._book.reading() as connection:
            known_copies = erasing_copies.look(connection)
        return replace(self.look_at_person(person_id), copies=known_copies)

    def delete_person(
        self, person_id: int, origin: Origin, *, progress: Progress | None = None
    ) -> DeletionReport:
        """Delete a person: name and external id, from the ledger and from the copies of it that are noted.

        Their contact points stay, with their states, and are nobody's. Notes and other texts of their events stay
        too: they are the evidence of an address, and `erase` takes them. What could not be reached is what `erase`
        with no address finishes. Raises `BadRequest`.
        """
        self._book.require(Right.ERASE)
        with self._book.reading() as connection:
            known_copies = erasing_copies.look(connection)
            was_finished = not _is_unfinished(connection)
        step = _steps(known_copies, progress)
        with self._book.writing(Right.ERASE) as connection:
            pen = Pen(connection, origin, self._book.now(connection), self._book.shelf(connection).facts)
            person, points = _person(connection, person_id)
            numbers = [point.id for point in points]
            [(made_at,)] = rows_of(connection, "SELECT created_at FROM persons WHERE id = ?", (person_id,))
            search_index.take_out(connection, numbers)
            erasing.delete_lonely(connection, erasing.unlink(pen, numbers) | {person_id})
            search_index.index_again(connection, numbers)
            detail = {"person": person_id, "made_at": made_at, "contact_points": numbers}
            log(pen, DELETED_LINE, detail=detail)
        step()
        traces, reached = self._cleared(known_copies, None, origin, step)
        found = tuple((point.id, point.address) for point in points)
        report = DeletionReport(PersonToDelete(person, found, reached), traces)
        if report.is_finished and was_finished:  # else an erased address may be left somewhere
            self._note_finished(origin, len(reached))
        return report

    def _to_erase(self, connection: Connection, number: int, erased: Sequence[int]) -> ToErase:
        points = reading.points_at(connection, number)
        numbers = [point.id for point in points]
        facts = self._book.shelf(connection).facts
        told = [
            (len(events), holding) for _, events, holding in erasing.outliving(connection, facts, numbers)
        ]
        persons = {point.person.id: point.person for point in points if point.person is not None}
        return ToErase(
            points[0].address if points else "",
            tuple(numbers),
            sum(events for events, _ in told),
            len(erasing.texts_of(connection, numbers)),
            sum(holding for _, holding in told),
            tuple(PersonLeft(each, _others(connection, each.id, erased)) for each in persons.values()),
        )

    def _made_key(self) -> bytes:
        """The key of this ledger's erased addresses, made where there is none yet. Raises `NoKey`."""
        keys = self._book.keys
        if keys is None:
            raise NoKey("This ledger was opened without a place for the key of erased addresses.")
        with self._book.reading() as connection:
            key = key_of(connection, keys)
            [(identity,)] = rows_of(connection, "SELECT identity FROM head")
        return key if key is not None else keys.make(identity)

    def _cleared(
        self,
        known_copies: Sequence[CopyReached],
        key: bytes | None,
        origin: Origin,
        step: Callable[[], None],
    ) -> tuple[str | None, tuple[CopyReached, ...]]:
        """Clear the ledger's own file, then the copies; what keeps the first from being clean, and what was reached."""
        traces = self._wiped(step)
        return traces, tuple(
            erasing_copies.erase_from(each, self._book, key, origin, step) if each.why_not is None else each
            for each in known_copies
        )

    def _note_finished(self, origin: Origin, copies: int) -> None:
        with self._book.writing(Right.ERASE) as connection:
            pen = Pen(connection, origin, self._book.now(connection), self._book.shelf(connection).facts)
            log(pen, _CLEANED_LINE, detail={"copies": copies})

    def _wiped(self, step: Callable[[], None]) -> str | None:
        """Clear the ledger's own file; what keeps it from being clean."""
        try:
            wipe(self._book.path, step)
        except LedgerFault as fault:
            return str(fault)
        return None


def _steps(copies: Sequence[CopyReached], progress: Progress | None) -> Callable[[], None]:
    """What tells of each step: one erases, and then each file that can be reached takes some."""
    total = 1 + STEPS * (1 + sum(each.why_not is None for each in copies))
    done = count(1)

    def step() -> None:
        if progress is not None:
            progress(next(done), total)

    return step


def _known(
    connection: Connection, spelled: Sequence[str], wanted: Sequence[Address]
) -> tuple[list[int], list[str]]:
    """The numbers of the addresses that are stored, each once, and the spellings of the others."""
    found: dict[int, None] = {}
    unknown = []
    for text, address in zip(spelled, wanted, strict=True):
        rows = rows_of(connection, _ADDRESS, (address.space.value, address.key))
        if rows:
            found[rows[0][0]] = None
        else:
            unknown.append(text)
    return list(found), unknown


def _others(connection: Connection, person: int, erased: Sequence[int]) -> tuple[str, ...]:
    """The addresses of a person that are not erased with these."""
    return tuple(
        text for (text,) in rows_of(connection, _OF_PERSON.format(marks=marks(erased)), (person, *erased))
    )


def _named_elsewhere(connection: Connection, wanted: Sequence[Address], region: str | None) -> Iterator[int]:
    """Texts of the operators' log that name one of these addresses: attempts on it when it had no contact point."""
    keys = {(address.space, address.key) for address in wanted}
    spelled = [(address.key, address.text) for address in wanted]
    if not spelled:
        return
    for number, body in stream_of(connection, _ELSEWHERE):
        if names(body, spelled) or any(each in keys for each in _ways_to_read(body, region)):
            yield number


def _ways_to_read(text: str, region: str | None) -> Iterator[tuple[Space, str]]:
    for channel in (Channel.EMAIL, Channel.SMS, Channel.ANDROID_PUSH):
        try:
            yield SPACE_OF[channel], read_address(text, channel, region=region).key
        except BadAddress:
            continue


def _person(connection: Connection, number: int) -> tuple[PersonView, list[StoredPoint]]:
    rows = rows_of(connection, "SELECT id, name, external_id FROM persons WHERE id = ?", (number,))
    if not rows:
        raise BadRequest(f"There is no person {number} in this ledger: see `consentdesk show ADDRESS`.")
    return PersonView(*rows[0]), reading.points_of_person(connection, number)


def _is_unfinished(connection: Connection) -> bool:
    """Whether something was erased, or somebody deleted, since the last time that all traces were cleared away."""
    [(erased,)], [(cleaned,)] = (
        rows_of(connection, _LAST.format(marks=marks(whats)), whats)
        for whats in ((ERASED_LINE, DELETED_LINE), (_CLEANED_LINE,))
    )
    return bool(erased > cleaned)


def _report(
    went: Went,
    elsewhere: int,
    unknown: Sequence[str],
    reached: tuple[CopyReached, ...],
    traces: str | None,
    named_in: tuple[str, ...],
) -> ErasureReport:
    return ErasureReport(
        contact_points=tuple(went.contact_points),
        events=went.events,
        texts=went.texts + elsewhere,
        opt_outs=went.opt_outs,
        persons=tuple(went.persons),
        unknown=tuple(unknown),
        copies=reached,
        traces=traces,
        named_in=named_in,
    )
