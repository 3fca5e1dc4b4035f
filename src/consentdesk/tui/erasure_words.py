"""What an erasure, or deleting a person, would do and did, in sentences. Everything is plain when it leaves here."""

from __future__ import annotations

from pathlib import Path

from consentdesk.display import person_words, plain
from consentdesk.ledger.erasure_views import (
    CopyReached,
    DeletionReport,
    Erasure,
    ErasureReport,
    PersonLeft,
    PersonToDelete,
    ToErase,
)

_FOR_GOOD = "There is no undo."
_KEY = (
    "What is kept of the address is a fingerprint, made with a key that lies apart from the ledger: without that key "
    "nobody can tell whose it was."
)


def erasure_told(found: Erasure) -> list[str]:
    """What goes, what stays, which copies are reached."""
    lines = []
    for each in found.addresses:
        lines += [_goes(each), _stays(each)]
        lines += [_person_left(person) for person in each.persons]
    if found.is_unfinished:
        lines.append("Traces of an earlier erasure are left in files: they are cleared away too.")
    lines += [_copies(found.copies), _KEY, _FOR_GOOD]
    return lines


def erased_told(report: ErasureReport) -> str:
    """What was done, and what could not be."""
    lines = []
    if report.contact_points:
        texts = f", and {_many(report.texts, 'text')} with it" if report.texts else ""
        lines.append(
            f"The address of {_many(len(report.contact_points), 'contact point')} is erased{texts}. "
            f"{_stay(report.events)}, without it; {_hold(report.opt_outs)}."
        )
    if report.traces is None:
        lines.append("Nothing of it is left in the ledger's own files.")
    lines += _left(report.traces, report.copies)
    if not report.is_finished:
        lines.append("When that is mended, press D on the erased contact point: it does the rest.")
    return "\n".join(lines)


def deletion_told(found: PersonToDelete) -> list[str]:
    """What goes with a person, and what stays."""
    addresses = ", ".join(plain(address, 40) for _, address in found.contact_points) or "none"
    return [
        f"The name and the external id of {person_words(found.person) or 'this person'} go.",
        f"Their contact points stay, with every state and event, and are nobody's then: {addresses}.",
        _copies(found.copies),
        _FOR_GOOD,
    ]


def deleted_told(report: DeletionReport) -> str:
    """Who was deleted, and what could not be reached."""
    name = person_words(report.deleted.person) or "The person"
    lines = [f"{name} is deleted. Their contact points stay, and so does every state."]
    lines += _left(report.traces, report.deleted.copies)
    if not report.is_finished:
        lines.append("When that is mended, `consentdesk erase --finish` does the rest.")
    return "\n".join(lines)


def _left(traces: str | None, copies: tuple[CopyReached, ...]) -> list[str]:
    """What keeps the ledger's own file from being clean, and which copies were reached."""
    lines = [f"The ledger's own file is not clean yet: {plain(traces)}"] if traces is not None else []
    lines += [
        f"{_copy(copy)}: erased there, too."
        if copy.why_not is None
        else f"{_copy(copy)}: NOT reached. {plain(copy.why_not)}"
        for copy in copies
    ]
    return lines


def _goes(each: ToErase) -> str:
    texts = _many(each.texts, "note, explanation or ticket", "notes, explanations and tickets")
    with_it = f", and {texts} with it" if each.texts else ""
    return (
        f"The address goes, from {_many(len(each.contact_points), 'contact point')}{with_it}: from the ledger, its "
        "index and its log files."
    )


def _stays(each: ToErase) -> str:
    return f"{_stay(each.events)}, without the address; {_hold(each.opt_outs)}."


def _stay(events: int) -> str:
    return f"{_many(events, 'event')} {'stays' if events == 1 else 'stay'}"


def _hold(opt_outs: int) -> str:
    if not opt_outs:
        return "no opt-out stood that would have to hold"
    holds = "holds" if opt_outs == 1 else "hold"
    return f"{_many(opt_outs, 'opt-out')} {holds} if the address comes back"


def _person_left(left: PersonLeft) -> str:
    name = person_words(left.person) or "the person"
    if not left.others:
        return f"The name of {name} goes too: no other address is theirs."
    return f"{name} stays, with {', '.join(plain(each, 40) for each in left.others)}."


def _copies(copies: tuple[CopyReached, ...]) -> str:
    if not copies:
        return "No copies of the ledger are known. One that was made by other means is not reached."
    missed = [copy for copy in copies if copy.why_not is not None]
    reached = f"{_many(len(copies) - len(missed), 'known copy', 'known copies')} reached as well"
    if not missed:
        return f"{reached}; one that was made by other means is not."
    return f"{reached}. NOT reached: " + " ".join(
        f"{_copy(each)}: {plain(each.why_not or '')}" for each in missed
    )


def _copy(copy: CopyReached) -> str:
    return plain(Path(copy.path).name or copy.path, 60)


def _many(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
