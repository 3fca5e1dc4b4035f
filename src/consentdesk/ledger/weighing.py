"""Deciding a batch of rows in the file's order, each in the light of those before it. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from consentdesk.ledger.batches import ReadRow
from consentdesk.ledger.deciding import Decided, Decider
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.outcomes import RowOutcome
from consentdesk.ledger.persons import People
from consentdesk.ledger.planned import Planned
from consentdesk.ledger.points import Point, PointKey, Said, load_points
from consentdesk.ledger.tally import Tally, outcome_of, refusal_of
from consentdesk.rules.addresses import Address, BadAddress
from consentdesk.rules.sentences import SENTENCES
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Code


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decided batch: what is to be written, and what became of each of its rows.

    ``unread`` are rows, or parts of them, that were refused before anything could be decided.
    """

    decided: list[Decided]
    outcomes: list[RowOutcome]
    unread: list[tuple[int, Code]]
    points: dict[PointKey, Point]
    people: People


def weigh(
    connection: Connection,
    batch: Sequence[ReadRow],
    decider: Decider,
    tally: Tally,
    erased: Erased,
    planned: Planned | None = None,
) -> Weighed:
    """Decide a batch, and count it. ``planned`` is what a plan would have recorded so far."""
    points = load_points(connection, (pair for each in batch for pair in each.addresses()))
    erased.hold(points.values())
    external_ids = {each.external_id for each in batch if each.external_id is not None}
    if planned is not None:
        planned.lay_over(points)
    people = People.load(connection, external_ids, points.values())
    if planned is not None:
        planned.lay_over_people(people, external_ids, points.values())
    weighed = Weighed([], [], [], points, people)
    for each in batch:
        tally.rows += 1
        tally.ask(each.row.question)
        tally.two_persons += _weigh_row(each, decider, tally, weighed)
    tally.absorb(weighed.outcomes)
    return weighed


def _weigh_row(each: ReadRow, decider: Decider, tally: Tally, weighed: Weighed) -> bool:
    """Decide one row; whether its addresses belong to two persons."""
    points, outcomes = weighed.points, weighed.outcomes
    own: dict[Point, None] = {}
    for refusal in each.row.refusals:
        outcomes.append(refusal_of(each.row, refusal.code, refusal.message))
        weighed.unread.append((each.row.number, refusal.code))
    for asked in each.asked:
        point = _point_of(points, asked.change.channel, asked.address)
        decided = decider.decide(asked, point)
        weighed.decided.append(decided)
        if point is not None:
            own[point] = None
        if not asked.is_twin:
            if decided.result.warnings:
                tally.warnings.update(decided.result.warnings)
            outcomes.append(outcome_of(each.row, decided, _conflict(decided), decider))
    for channel, text, address in each.touches:
        point = _point_of(points, channel, address)
        code, sentence = _why_no_point(channel, address)
        if point is None or (code is not None and point.id is None and not point.is_wanted):
            assert code is not None
            outcomes.append(refusal_of(each.row, code, sentence, channel, text))
            weighed.unread.append((each.row.number, code))
            continue
        point.is_wanted = True
        own[point] = None
    present = [point for point in own if point.id is not None or point.is_wanted]
    for point in present:
        if point.id is None and point.person_id is None:
            point.person_id = _owner_elsewhere(point, points)
    return bool(present) and weighed.people.link(each.row.person, present)


_SIBLINGS = {
    channel: tuple(each for each in Channel if each is not channel and SPACE_OF[each] is SPACE_OF[channel])
    for channel in Channel
}
"""The channels that share their addresses with a channel."""


def _owner_elsewhere(point: Point, points: dict[PointKey, Point]) -> int | None:
    """Whom the same number belongs to on another channel, as the rows before have left it."""
    for channel in _SIBLINGS[point.channel]:
        sibling = points.get((channel, point.address.key))
        if sibling is not None and sibling.person_id:
            return sibling.person_id
    return None


def _conflict(decided: Decided) -> str | None:
    """What an earlier row of the file says otherwise about the same scope, unless their own times order them."""
    point, asked = decided.point, decided.asked
    change = asked.change
    if point is None or (change.list is not None and decided.list_id is None):
        return None
    is_dated = asked.time is not None
    earlier = point.said.get(decided.list_id)
    if earlier is None:  # as nearly always
        point.said[decided.list_id] = {change.kind: Said(asked.row_number or 0, is_dated)}
        return None
    found = next(
        (
            said
            for kind, said in earlier.items()
            if kind is not change.kind and not (is_dated and said.is_dated)
        ),
        None,
    )
    said = earlier.get(change.kind)
    if said is None or (said.is_dated and not is_dated):
        earlier[change.kind] = Said(asked.row_number or 0, is_dated)
    if found is None:
        return None
    return f"Row {found.row:,} says otherwise of this address: the lower of the two holds."


def _point_of(points: dict[PointKey, Point], channel: Channel, address: Address | BadAddress) -> Point | None:
    return points[channel, address.key] if isinstance(address, Address) else None


def _why_no_point(channel: Channel, address: Address | BadAddress) -> tuple[Code | None, str]:
    """A blank status makes a contact point of a valid address only."""
    if isinstance(address, BadAddress):
        return address.code, address.sentence
    if not address.is_valid:
        code = Code.INVALID_EMAIL if channel is Channel.EMAIL else Code.INVALID_PHONE
        return code, SENTENCES[code]
    return None, ""
