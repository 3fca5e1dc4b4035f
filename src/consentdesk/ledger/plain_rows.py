"""A row with its addresses read, as plain values that one process can hand to another.

The values are tuples, dictionaries, texts and numbers only; whoever hands them over has validated them.
"""

from __future__ import annotations

from typing import Any

from consentdesk.ledger.batches import ReadRow
from consentdesk.ledger.deciding import Asked
from consentdesk.ledger.requests import Change, IncomingRow, PersonFacts, RowRefusal
from consentdesk.rules.addresses import Address, BadAddress
from consentdesk.rules.times import GivenTime, UnreadableTime
from consentdesk.rules.vocabulary import CHANNELS, KINDS, SPACES, Code, LegalBasis

Plain = tuple[Any, ...]


def as_plain(read: ReadRow) -> Plain:
    """The row as plain values: all that the ledger needs of it, which is not its cells."""
    row = read.row
    return (
        row.number,
        row.question,
        tuple((refusal.code.value, refusal.message) for refusal in row.refusals),
        _person(row.person),
        tuple(
            (*_said(each.change), _address(each.address), _time(each.time), each.is_twin)
            for each in read.asked
        ),
        tuple((channel.value, text, _address(address)) for channel, text, address in read.touches),
    )


def from_plain(plain: Plain) -> ReadRow:
    """The row that `as_plain` made these values of, without its cells."""
    number, question, refusals, person, asked, touches = plain
    return ReadRow(
        IncomingRow(
            number,
            (),
            person=PersonFacts.known_good(person) if person is not None else None,
            refusals=tuple([RowRefusal(Code(code), message) for code, message in refusals]),
            question=question,
        ),
        tuple([_asked(number, *each) for each in asked]),
        tuple([(CHANNELS[channel], text, _read(address)) for channel, text, address in touches]),
    )


def _person(person: PersonFacts | None) -> dict[str, Any] | None:
    return {"name": person.name, "external_id": person.external_id} if person is not None else None


def _said(change: Change) -> tuple[str, str, str | None, dict[str, Any]]:
    """What was said of a change: its channel, kind and legal basis, and its other fields by name."""
    said = {name: getattr(change, name) for name in change.model_fields_set}
    basis = said.pop("legal_basis", None)
    return said.pop("channel").value, said.pop("kind").value, basis.value if basis is not None else None, said


def _asked(
    number: int,
    channel: str,
    kind: str,
    basis: str | None,
    said: dict[str, Any],
    address: Plain,
    time: Plain | str | None,
    is_twin: bool,
) -> Asked:
    said["channel"], said["kind"] = CHANNELS[channel], KINDS[kind]
    if basis is not None:
        said["legal_basis"] = LegalBasis(basis)
    read = UnreadableTime(time) if isinstance(time, str) else GivenTime(*time) if time is not None else None
    return Asked(Change.known_good(said), _read(address), read, number, is_twin)


def _address(address: Address | BadAddress) -> Plain:
    if isinstance(address, BadAddress):
        return address.code.value, address.sentence
    return address.space.value, address.key, address.text, address.is_valid


def _read(plain: Plain) -> Address | BadAddress:
    if len(plain) == 2:
        return BadAddress(Code(plain[0]), plain[1])
    space, key, text, is_valid = plain
    return Address(SPACES[space], key, text, is_valid)


def _time(time: GivenTime | UnreadableTime | None) -> Plain | str | None:
    return time.sentence if isinstance(time, UnreadableTime) else tuple(time) if time is not None else None
