"""The index of a pack: what was asked, every address with its page, what has none and why, and how to check it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from consentdesk.display import channel_words, explain_validity, state_glyph, state_words, when
from consentdesk.display.audit_words import profile_words
from consentdesk.display.html import Html, page, tag, together
from consentdesk.display.words import exactly
from consentdesk.ledger.dossier_views import Asked, Dossier, Erasures, Moments, Unreadable
from consentdesk.ledger.integrity_views import Head
from consentdesk.reports.evidence.question import PackQuestion
from consentdesk.reports.evidence.style import STYLE
from consentdesk.reports.evidence.sums import Answered, Sum, sums_of
from consentdesk.reports.evidence.verify_pack import LIMITS
from consentdesk.rules.vocabulary import Channel

_SPELLINGS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One address in the index. ``page`` is ``None`` where nothing was ever recorded; ``standing`` says how it is now,
    ``answers`` for each moment whether the whole of each channel could be sent to, ``outlived`` on which channels an
    opt-out stands that outlived the erasure of the address."""

    asked: Asked
    page: str | None
    standing: Html
    answers: tuple[tuple[Answered, ...], ...]
    outlived: tuple[Channel, ...]


def line_of(dossier: Dossier, page: str | None) -> Line:
    """The line of an address."""
    standing = together(
        tag(
            "div",
            f"{channel_words(point.view.channel)}: ",
            tag(
                "b",
                f"{state_glyph(state.state, state.is_permanent)} {state_words(state.state, state.is_permanent)}",
                class_="permanent" if state.is_permanent else state.state or "none",
            ),
        )
        for point in dossier.points
        for state in (point.view.channel_wide,)
    )
    about_channels = [
        [account.answer for account in point.answers if account.answer.list is None]
        for point in dossier.points
    ]
    answers = tuple(
        tuple(Answered(answer.channel, answer.permitted) for answer in at_once)
        for at_once in zip(*about_channels, strict=True)
    )
    return Line(dossier.asked, page, standing, answers, dossier.outlived)


def index_html(
    head: Head,
    moments: Moments,
    question: PackQuestion,
    operator: str,
    lines: Sequence[Line],
    unreadable: Sequence[Unreadable],
    erasures: Erasures,
    events: int,
) -> Html:
    """The index page."""
    recorded = [line for line in lines if line.page is not None]
    sums = sums_of(moments.at, (line.answers for line in recorded))
    unseen = [line for line in lines if line.page is None and not line.outlived]
    zone = question.zone
    return page(
        "Evidence from the consent ledger",
        STYLE,
        tag(
            "header",
            tag("p", "Evidence pack", class_="kind"),
            tag("h1", "Evidence from the consent ledger"),
            tag("p", f"Written by {operator} on {exactly(head.at, zone)}, from ledger {head.ledger}."),
        ),
        tag("h2", "What was asked"),
        tag("p", _counted(len(lines), len(recorded), len(unseen), unreadable, events)),
        tag(
            "p",
            "“May we send?” is answered for ",
            " and for ".join(exactly(at, zone) for at in moments.at),
            f", going by what was recorded until {exactly(moments.known_at, zone)}. Records are held against the "
            f"profile {profile_words(question.profile)}.",
        ),
        None
        if question.with_notes
        else tag(
            "p",
            "Notes, explanations and references are withheld from this pack; what stands for them in the chain is "
            "in the proofs.",
        ),
        *_sums(sums, len(lines) - len(recorded), question),
        *_addresses(recorded, moments, question),
        *_erased([line for line in lines if line.outlived]),
        *_unseen(unseen, erasures),
        *_unreadable(unreadable),
        *_checking(head),
    )


def _counted(asked: int, recorded: int, unseen: int, unreadable: Sequence[Unreadable], events: int) -> str:
    told = f"{_amount(asked, 'address', 'addresses')}: {recorded:,} on record with {_amount(events, 'event')}"
    told += f", {unseen:,} for which nothing is recorded" if unseen else ""
    if unreadable:
        told += f"; besides, {_amount(len(unreadable), 'entry', 'entries')} that cannot be read as an address"
    return f"{told}."


def _sums(sums: Sequence[Sum], without_page: int, question: PackQuestion) -> Iterator[Html]:
    """What the answers come to, before they are told one by one."""
    if not sums:
        return
    yield tag("h2", "What the answers come to")
    rows = (
        (exactly(each.at, question.zone), channel_words(each.channel), f"{each.yes:,}", f"{each.no:,}")
        for each in sums
    )
    yield _table(("Send on", "Whole channel", "Yes", "No"), rows)
    others = _amount(without_page, "address", "addresses")
    besides = f" For {others} without a page it is no, at any moment." if without_page else ""
    yield tag(
        "p",
        f"Counted are the addresses that have something recorded on the channel, now or then.{besides}",
        class_="small soft",
    )


def _said(answered: Answered) -> Html:
    is_permitted = answered.is_permitted
    said = tag("b", "yes" if is_permitted else "no", class_="subscribed" if is_permitted else "unsubscribed")
    return tag("div", f"{channel_words(answered.channel)}: ", said)


def _addresses(lines: Sequence[Line], moments: Moments, question: PackQuestion) -> Iterator[Html]:
    if not lines:
        return
    yield tag("h2", "Addresses on record")
    yield tag(
        "p",
        "Yes and no are for the whole channel; the pages answer for each list as well.",
        class_="small soft",
    )
    rows = (
        (
            together(
                (
                    tag("a", line.asked.address, href=f"{line.page}.html", class_="address"),
                    _validity(line.asked),
                )
            ),
            line.standing,
            *(together(map(_said, at_once)) for at_once in line.answers),
            _asked_for(line.asked),
        )
        for line in lines
    )
    asked = (f"Send on {when(at, question.zone)}?" for at in moments.at)
    yield _table(("Address", "Now", *asked, "Asked for as"), rows)


_ABSENT = {
    Erasures.NONE: "Nothing is recorded for these: no opt-in, no opt-out, no attempt.",
    Erasures.HELD: (
        "Nothing is recorded for these now. Addresses were erased from this ledger; what had been recorded of them "
        "stays without an address, and no opt-out of these is among it that still stands."
    ),
    Erasures.KEY_MISSING: (
        "Nothing is recorded for these now. Addresses were erased from this ledger, and the key that tells whether an "
        "opt-out of one of these outlived that was not there when this pack was written."
    ),
}
"""What is known of an address that the ledger does not have."""


def _unseen(lines: Sequence[Line], erasures: Erasures) -> Iterator[Html]:
    if not lines:
        return
    yield tag("h2", "Nothing recorded")
    yield tag(
        "p",
        f"{_ABSENT[erasures]} Never asked is not a yes, so nothing may be sent there. This is what the ledger "
        "answers; that something is absent hangs in no proof.",
    )
    rows = ((together((line.asked.address, _validity(line.asked))), _asked_for(line.asked)) for line in lines)
    yield _table(("Address", "Asked for as"), rows)


def _erased(lines: Sequence[Line]) -> Iterator[Html]:
    if not lines:
        return
    yield tag("h2", "Erased, and still opted out")
    yield tag(
        "p",
        "These were erased from the ledger, names and texts with them. A keyed fingerprint of each keeps its opt-out "
        "holding, so nothing may be sent there. Whoever has not the key cannot check that by this pack.",
    )
    rows = (
        (line.asked.address, ", ".join(map(channel_words, line.outlived)), _asked_for(line.asked))
        for line in lines
    )
    yield _table(("Address", "Opted out of", "Asked for as"), rows)


def _unreadable(entries: Sequence[Unreadable]) -> Iterator[Html]:
    if not entries:
        return
    yield tag("h2", "Could not be read")
    yield tag("p", "Nothing was looked up for these. Correct them and ask again.")
    rows = (
        (f"row {each.row}" if each.row is not None else "", each.text or "(blank)", each.sentence)
        for each in entries
    )
    yield _table(("Where", "What was there", "Why it is no address"), rows)


def _checking(head: Head) -> Iterator[Html]:
    yield tag("h2", "How to check this pack")
    yield tag(
        "p",
        "Every event hangs in a chain of digests that were computed when it was recorded, and the chain in a tree "
        "whose root is the head below. With any Python from 3.8 on, and nothing else installed:",
    )
    yield tag("pre", "python verify.py", class_="said mono")
    yield tag(
        "p",
        "in this folder says “Everything fits together”, or one sentence for each thing that does not: a byte changed "
        "anywhere is found, unless the manifest was computed anew with it. ",
        tag("code", "python verify.py --manifest SHA256"),
        ", with the SHA-256 of the manifest from the letter that the pack came with or from the operators' log, finds "
        "that too. ",
        tag("code", "python verify.py --head head.json"),
        ", with a head that was kept elsewhere, shows besides that this ledger is the one that head was taken from. "
        "Without Python, ",
        tag("code", "sha256sum -c manifest.sha256"),
        " holds the files against their checksums. What is computed, and how, stands at the top of verify.py, which is "
        "short enough to be read.",
    )
    yield tag(
        "dl",
        *(
            together((tag("dt", name), tag("dd", said, class_="mono")))
            for name, said in (
                ("Ledger", head.ledger),
                ("Events", f"{head.events.count:,}"),
                ("Last digest", head.events.digest),
                ("Root over all events", head.events.root),
                ("Root over lists and campaigns", head.changes.root),
                ("Root over the operators' log", head.log.root),
            )
        ),
    )
    yield tag("h2", "What this pack cannot show")
    yield tag("div", tag("ul", *(tag("li", limit) for limit in LIMITS)), class_="box")


def _validity(asked: Asked) -> Html | None:
    told = explain_validity(asked.space, is_valid=asked.is_valid)
    return tag("div", told, class_="small soft") if told is not None else None


def _asked_for(asked: Asked) -> str:
    """The spellings of an address with the rows they stood in: "0491 570 156 (rows 3, 17)"."""
    rows: dict[str, list[int]] = {}
    for text, row in asked.spellings:
        rows.setdefault(text, []).extend([row] if row is not None else [])
    told = [
        f"{text} ({'row' if len(found) == 1 else 'rows'} {', '.join(map(str, found[:_SPELLINGS_SHOWN]))})"
        if found
        else text
        for text, found in list(rows.items())[:_SPELLINGS_SHOWN]
    ]
    more = len(asked.spellings) - 1
    joined = "; ".join(told)
    return f"{joined} – {more + 1} entries, one address" if more else joined


def _table(heads: Sequence[str], rows: Iterable[Sequence[str | Html]]) -> Html:
    """A table whose cells carry the name of their column, for screens on which they stand beneath one another."""
    return tag(
        "table",
        tag("thead", tag("tr", *(tag("th", head) for head in heads))),
        tag(
            "tbody",
            *(
                tag("tr", *(tag("td", cell, data_label=head) for head, cell in zip(heads, row, strict=True)))
                for row in rows
            ),
        ),
    )


def _amount(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
