"""What a change would do, in words, from the ledger's previews: for the dialogs that ask before they write.

Words what the rules decided and decides nothing. Texts are plain when they leave here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.display import (
    day,
    explain_event,
    plain,
    scope_words,
    state_glyph,
    state_words,
    when,
)
from consentdesk.rules.vocabulary import Channel, Code, Outcome, State, Strictness, strictness_of

if TYPE_CHECKING:
    from consentdesk.ledger.requests import Change
    from consentdesk.ledger.views import Preview, ScopeChange

_MOST_LINES = 6
_NO_UNDO = {
    Strictness.ORDINARY: (
        "There is no undo: only a later opt-in of the person, with its own time, brings it back."
    ),
    Strictness.KEYWORD: (
        "There is no undo: only START, YES, UNSTOP or a keyword campaign's word from the person lifts it."
    ),
    Strictness.PERMANENT: (
        "There is no undo, and no opt-in will ever lift it: every list, now and later, ends for good."
    ),
}

Line = tuple[str, str]
"""A line and its look: empty, ``strong``, ``muted``, ``good`` or ``bad``."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the ledger: what is asked, and what each part of it would do.

    ``previews`` are of ``probes``, which are the changes and whatever they bring along on another channel.
    """

    changes: tuple[Change, ...]
    probes: tuple[Change, ...]
    previews: tuple[Preview, ...]

    @property
    def seen(self) -> dict[int, int]:
        """What is handed back when the changes are recorded."""
        return {point: event for preview in self.previews for point, event in preview.seen.items()}

    @property
    def refused_by(self) -> Code | None:
        """The code under which nothing can be recorded, or ``None``."""
        return next((each.result.code for each in self.previews if each.result.code is not None), None)

    @property
    def refusal(self) -> str | None:
        """Why nothing can be recorded, or ``None``."""
        for preview in self.previews:
            if preview.result.outcome is Outcome.REFUSED:
                return f"Refused ({preview.result.code}): {plain(preview.result.message)}"
        return None

    def pairs(self) -> Iterator[tuple[Change, Preview]]:
        """Each probe with its preview."""
        return zip(self.probes, self.previews, strict=True)


def opt_out_lines(look: Look, zone: tzinfo) -> list[Line]:
    """What ends, for whom, and that there is no undo."""
    if look.refusal is not None:
        return [(look.refusal, "bad")]
    ended = [
        (change, scope)
        for change, preview in look.pairs()
        for scope in preview.scopes
        if scope.before is State.SUBSCRIBED and scope.after is not State.SUBSCRIBED
    ]
    if ended:
        lines = [("This ends, for good:" if look.changes[0].permanent else "This ends:", "strong")]
        is_one = len({change.address for change in look.probes}) == 1
        lines += [
            (_ended(None if is_one else change.address, change.channel, scope, zone), "bad")
            for change, scope in ended[:_MOST_LINES]
        ]
        if len(ended) > _MOST_LINES:
            lines.append((f"  and {len(ended) - _MOST_LINES} more", "bad"))
    else:
        lines = [(_nothing_ends(look, zone), "")]
    return [*lines, *_warnings(look), (_NO_UNDO[_hardest(look)], "muted")]


def opt_in_lines(look: Look, zone: tzinfo) -> list[Line]:
    """What an opt-in opens, or the rule that refuses it and the event that decided."""
    [(change, preview)] = look.pairs()
    result = preview.result
    if result.code is Code.MISSING_CAMPAIGN and change.campaign is None:
        return [("Choose the campaign under which the person agreed: nobody is subscribed without one.", "")]
    if result.outcome is Outcome.REFUSED:
        lines = [(f"✘ {look.refusal}", "bad")]
        if preview.because is not None:
            lines.append((_in_the_way(explain_event(preview.because, change.channel, zone)), ""))
        return lines
    scope = scope_words(change.channel, change.list)
    match result.outcome:
        case Outcome.APPLIED if result.resubscribed:
            lines = [(f"✔ Resubscribes to {scope}: it lifts the opt-out that stands.", "good")]
        case Outcome.APPLIED:
            lines = [(f"✔ Subscribes to {scope}.", "good")]
        case Outcome.HISTORICAL:
            lines = [("This is recorded as history: the present state stays as it is.", "")]
        case _:
            lines = [(_nothing_new(preview, change, zone), "")]
    if change.list is None and result.outcome is Outcome.APPLIED:
        lines.append(("It opens no list: each needs an opt-in of its own.", "muted"))
    if change.at is None:
        lines.append(("Without the person's own time it is weaker, and lifts no opt-out.", "muted"))
    return lines + _warnings(look)


def retraction_lines(look: Look) -> list[Line]:
    """What a retraction changes."""
    if look.refusal is not None:
        return [(look.refusal, "bad")]
    [(change, preview)] = look.pairs()
    changed = [
        (each.list, each.before, each.after) for each in preview.scopes if each.before is not each.after
    ]
    head = "No present state changes; the opt-in counts no more."
    if changed:
        head = "This changes:"
    elif preview.result.outcome is Outcome.HISTORICAL:
        head = "No present state changes, but the answer about earlier moments does."
    lines = [(head, "")]
    lines += [
        (
            f"  {scope_words(change.channel, name)}: {_state(before)} → {_state(after)}",
            "bad" if before is State.SUBSCRIBED else "",
        )
        for name, before, after in changed[:_MOST_LINES]
    ]
    lines.append(("The opt-in stays in the ledger, greyed, and a retraction cannot be taken back.", "muted"))
    return lines


def _ended(address: str | None, channel: Channel, scope: ScopeChange, zone: tzinfo) -> str:
    words = scope_words(channel, scope.list)
    whose = f" for {plain(address, 40)}" if address is not None else ""
    since = f", subscribed since {day(scope.open_since, zone)}" if scope.open_since is not None else ""
    return f"  {state_glyph(State.SUBSCRIBED)} {words}{whose}{since}"


def _hardest(look: Look) -> Strictness:
    """How hard what stands afterwards is to lift: the new opt-out, or a stricter one that stands already."""
    found = [strictness_of(change.reason, permanent=change.permanent) for change in look.changes]
    standing = (preview.because for preview in look.previews)
    found += [
        strictness_of(event.reason, permanent=event.permanent) for event in standing if event is not None
    ]
    return max(found)


def _nothing_ends(look: Look, zone: tzinfo) -> str:
    outcomes = {preview.result.outcome for preview in look.previews}
    if outcomes == {Outcome.HISTORICAL}:
        return "Nothing ends now: this lies in the past, and is recorded as history."
    if outcomes == {Outcome.NO_CHANGE}:
        because = look.previews[0].because
        since = f", by event {because.id} on {when(because.occurred_at, zone)}" if because is not None else ""
        return f"Nothing ends: this is unsubscribed already{since}. It is recorded as evidence."
    return "Nothing is subscribed there, so nothing ends; from now on a no stands in the ledger."


def _nothing_new(preview: Preview, change: Change, zone: tzinfo) -> str:
    """An opt-in that is evidence and no more: the state is this already, or stays what it became later."""
    because = preview.because
    if because is None:
        return f"Nothing changes: {plain(preview.result.message)}"
    told = explain_event(because, change.channel, zone)
    if preview.result.state is State.SUBSCRIBED:
        return f"Subscribed already, so that this is further evidence: {told}"
    state = _state(preview.result.state)
    return f"This subscribes nobody. It is evidence for its own time, and the state stays {state}: {told}"


def _in_the_way(sentence: str) -> str:
    return f"In the way stands: {sentence}"


def _state(state: State | None) -> str:
    return f"{state_glyph(state)} {state_words(state)}"


def _warnings(look: Look) -> list[Line]:
    found = dict.fromkeys(text for preview in look.previews for text in preview.result.warnings)
    return [(f"! {plain(text)}", "bad") for text in found]
