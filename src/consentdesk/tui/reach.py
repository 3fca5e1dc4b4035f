"""How far a change can reach from one contact point: a list, a channel, every address of the person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentdesk.display import channel_words, plain, scope_words, state_glyph, state_words
from consentdesk.rules.addresses import space_of_text
from consentdesk.rules.vocabulary import Channel, Space, State

if TYPE_CHECKING:
    from consentdesk.ledger.views import ContactView, ListView

Points = tuple[tuple[Channel, str], ...]
"""Contact points as channel and address."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One scope that can be chosen. ``list`` is ``None`` for channel-wide; ``words`` are plain."""

    points: Points
    list: str | None
    words: str

    def is_like(self, other: Reach) -> bool:
        """Whether both mean the same, whatever they are called."""
        return self.points == other.points and self.list == other.list


def channels_of(address: str) -> tuple[Channel, ...]:
    """The channels that an address without a contact point can be on."""
    if space_of_text(address) is Space.PHONE:
        return (Channel.SMS, Channel.WHATSAPP)
    if space_of_text(address) is Space.EMAIL:
        return (Channel.EMAIL,)
    return (Channel.ANDROID_PUSH, Channel.IOS_PUSH)


def reaches_to_opt_out(
    address: str,
    channels: Sequence[Channel],
    list_name: str | None,
    contact: ContactView | None = None,
    lists: Sequence[ListView] = (),
) -> list[Reach]:
    """The scopes of an opt-out, the likeliest first.

    For an address that nobody has seen this is every channel it can be on: nothing was ever agreed to
    there, so that a wider no costs nothing and cannot be forgotten.
    """
    every = tuple((channel, address) for channel in channels)
    found = [] if list_name is None else [_list_reach(every[0], list_name, contact)]
    if len(every) > 1:
        words = " and ".join(channel_words(channel) for channel in channels)
        found.append(Reach(every, None, f"{words}: the whole number" if _is_phone(channels) else words))
    found += [_channel_reach(point, "with every list") for point in every]
    if contact is not None and len(contact.points) > 1:
        points = tuple((point.channel, point.address) for point in contact.points)
        found.append(Reach(points, None, f"every address of this person ({_addresses(points)})"))
    found += [each for each in _list_reaches(every, lists, contact) if each.list != list_name]
    return found


def reaches_to_opt_in(
    address: str,
    channels: Sequence[Channel],
    list_name: str | None,
    contact: ContactView | None = None,
    lists: Sequence[ListView] = (),
) -> list[Reach]:
    """The scopes of an opt-in, the likeliest first: one contact point, one scope."""
    every = tuple((channel, address) for channel in channels)
    found = [] if list_name is None else [_list_reach(every[0], list_name, contact)]
    found += [_channel_reach(point, "but no list: each needs its own") for point in every]
    found += [each for each in _list_reaches(every, lists, contact) if each.list != list_name]
    return found


def _is_phone(channels: Sequence[Channel]) -> bool:
    return Channel.SMS in channels


def _channel_reach(point: tuple[Channel, str], lists: str) -> Reach:
    return Reach((point,), None, f"{scope_words(point[0], None)}, {lists}")


def _list_reach(point: tuple[Channel, str], name: str, contact: ContactView | None) -> Reach:
    state = _state_of(contact, point[0], name)
    how = f"  {state_glyph(state)} {state_words(state)}" if state is not None else ""
    return Reach((point,), name, f"{scope_words(point[0], name)}{how}")


def _list_reaches(points: Points, lists: Sequence[ListView], contact: ContactView | None) -> Iterator[Reach]:
    for point in points:
        for each in lists:
            if each.channel is point[0] and each.archived_at is None:
                yield _list_reach(point, each.name, contact)


def _state_of(contact: ContactView | None, channel: Channel, name: str) -> State | None:
    points = contact.points[:1] if contact is not None else ()
    return next(
        (state.state for point in points for state in point.states
         if point.channel is channel and state.list == name),
        None,
    )  # fmt: skip


def _addresses(points: Points) -> str:
    addresses = list(dict.fromkeys(address for _, address in points))
    return ", ".join(plain(address, 40) for address in addresses)
