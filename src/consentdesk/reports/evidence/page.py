"""The page of one address: how it stands, the answers, the records and every event, in sentences to be read out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import partial

from consentdesk.display import (
    channel_words,
    code_words,
    day,
    door_words,
    explain_passed_over,
    explain_validity,
    kind_words,
    person_words,
    reason_words,
    scope_words,
    state_glyph,
    state_words,
)
from consentdesk.display.audit_words import asked_words, element_words, profile_words
from consentdesk.display.deeds import deed, doer
from consentdesk.display.deposition import deposition
from consentdesk.display.html import Html, block, page, tag, together
from consentdesk.display.sentences import state_sentence
from consentdesk.display.words import exactly
from consentdesk.ledger.dossier_views import Dossier, Gap, Proved, ProvedPoint
from consentdesk.ledger.integrity_views import Head
from consentdesk.ledger.views import Account, ContactPointView, EventView
from consentdesk.reports.evidence.question import PackQuestion
from consentdesk.reports.evidence.style import STYLE
from consentdesk.reports.evidence.timeline import legend, timeline
from consentdesk.rules.vocabulary import Channel

_TEXTS = {"reference": "Reference", "note": "Note", "explanation": "Explanation"}


def page_html(dossier: Dossier, number: str, head: Head, question: PackQuestion) -> Html:
    """The page; ``number`` is the name of its files, which says nothing of the address."""
    asked, zone = dossier.asked, question.zone
    validity = explain_validity(asked.space, is_valid=asked.is_valid)
    person = next((point.view.person for point in dossier.points if point.view.person is not None), None)
    return page(
        f"{asked.address} – evidence from the consent ledger",
        STYLE,
        tag(
            "header",
            tag("p", "Evidence from the consent ledger", class_="kind"),
            tag("h1", asked.address),
            tag("p", validity, class_="box") if validity is not None else None,
            tag("p", person_words(person), " – the name is for reference, and no part of the chain")
            if person is not None and person_words(person)
            else None,
            tag(
                "p",
                f"Everything that ledger {head.ledger} had recorded for this address",
                "" if asked.channel is None else f" on {channel_words(asked.channel)}",
                f" on {exactly(head.at, zone)}.",
                class_="soft",
            ),
            tag("p", tag("a", "Index of this pack", href="../index.html"), class_="small"),
        ),
        *(_point(point, head, question) for point in dossier.points),
        tag(
            "footer",
            tag(
                "p",
                f"The same as JSON: pages/{number}.json. What proves it: proof/{number}.json. "
                "How to check both: see the index.",
                class_="small soft",
            ),
        ),
    )


def _point(point: ProvedPoint, head: Head, question: PackQuestion) -> Html:
    view, zone = point.view, question.zone
    picture = timeline(view, [each.answer.at for each in point.answers], head.at, zone)
    return tag(
        "section",
        tag("h2", channel_words(view.channel)),
        tag("h3", f"How it stands on {exactly(head.at, zone)}"),
        *_states(view, zone),
        picture,
        legend() if picture is not None else None,
        tag("h3", "May we send?"),
        *_answers(point.answers, zone),
        *_records(point.gaps, view, question),
        tag("h3", f"All events on record ({len(view.events):,}), the first one first"),
        None if view.events else tag("p", "No event is recorded."),
        *_events(point, zone, with_notes=question.with_notes),
        *_refusals(view, zone),
    )


def _states(view: ContactPointView, zone: tzinfo) -> Iterator[Html]:
    """How it stands, each scope with what explains it."""
    lines = []
    for state in view.states:
        if state.list is not None and state.state is None:
            continue
        word = "permanent" if state.is_permanent else state.state or "none"
        standing = (
            f"{state_glyph(state.state, state.is_permanent)} {state_words(state.state, state.is_permanent)}"
        )
        lines.append(
            tag(
                "li",
                tag("b", standing, class_=word),
                f" – {scope_words(view.channel, state.list)}. ",
                tag("span", state_sentence(view, state, partial(exactly, zone=zone)), class_="soft"),
            )
        )
    yield tag("ul", *lines, class_="states")


def _answers(accounts: Iterable[Account], zone: tzinfo) -> Iterator[Html]:
    """What "may we send?" comes to at each moment that was asked for."""
    for account in accounts:
        answer = account.answer
        first, *rest = deposition(account, zone)
        yield tag(
            "div",
            tag(
                "p",
                f"{_as_heading(scope_words(answer.channel, answer.list))}, on {exactly(answer.at, zone)}",
                class_="small soft",
            ),
            tag("p", tag("strong", block(first))),
            *(tag("p", block(told), class_="small") for told in rest),
            class_=f"answer {'yes' if answer.permitted else 'no'}",
        )


def _as_heading(words: str) -> str:
    return words[:1].upper() + words[1:]


def _records(gaps: Iterable[Gap], view: ContactPointView, question: PackQuestion) -> Iterator[Html]:
    """The subscription records, each with what it lacks under the profile."""
    if not view.records:
        return
    lacking = {gap.record: gap.missing for gap in gaps}
    rows = []
    for record in view.records:
        lacks = lacking.get(record)
        told = (
            "the profile is not about this channel"
            if lacks is None
            else ", ".join(map(element_words, lacks)) or "nothing is missing"
        )
        rows.append(
            tag(
                "tr",
                tag("td", _as_heading(scope_words(view.channel, record.list))),
                tag(
                    "td",
                    f"{day(record.opt_in_date, question.zone)} to "
                    f"{day(record.opt_out_date, question.zone) or 'now'}",
                    f", {reason_words(record.opt_out_reason)}" if record.opt_out_reason else "",
                ),
                tag("td", record.campaign or "", f" (event {record.opened_by})"),
                tag("td", told),
            )
        )
    heads = ("Subscribed to", "From and to", "Opened under", "What is missing")
    yield tag("h3", "Subscription records, and what is missing from them")
    yield tag(
        "table",
        tag("thead", tag("tr", *(tag("th", each) for each in heads))),
        tag("tbody", *rows),
    )
    yield tag(
        "p",
        f"Held against the profile {profile_words(question.profile)}, which asks for: "
        f"{asked_words(question.profile)}.",
        class_="small soft",
    )


def _events(point: ProvedPoint, zone: tzinfo, *, with_notes: bool) -> Iterator[Html]:
    """Every event in words, with its texts, and beneath what was stored."""
    links = {link.number: link for link in point.events}
    for event in reversed(point.view.events):
        told = f"{doer(event)} {deed(event, point.view.channel, partial(exactly, zone=zone))}."
        yield tag(
            "article",
            tag("p", told),
            _passed_over(event),
            *_texts(event, links[event.id], with_notes=with_notes),
            _details(event, point.view.channel, links[event.id]),
            class_="event" if event.passed_over is None else "event passed",
            id=f"event-{event.id}",
        )


def _passed_over(event: EventView) -> Html | None:
    if event.passed_over is None:
        return None
    if event.retracted_by is not None:
        why = f"event {event.retracted_by} retracted it, as recorded in error."
    else:
        why = explain_passed_over(event.passed_over)
    return tag("p", tag("strong", "Passed over: "), why)


def _texts(event: EventView, link: Proved, *, with_notes: bool) -> Iterator[Html]:
    """What the person was shown, and what was noted."""
    if event.wording is not None:
        shown = f"Wording shown, campaign “{event.campaign}”, in force when this was recorded"
        yield tag("div", tag("cite", shown), block(event.wording), class_="said")
    for name, title in _TEXTS.items():
        if name not in link.texts:
            continue
        said = getattr(event, name)
        if said is not None:
            yield tag("div", tag("cite", title), block(said), class_="said")
        else:
            why = "erased" if with_notes else "withheld from this pack"
            yield tag("p", f"{title}: {why}; what stands for it in the chain is in the proof.", class_="soft")


def _details(event: EventView, channel: Channel, link: Proved) -> Html:
    pairs = [
        ("Event", str(event.id)),
        ("Kind", kind_words(event.kind, event.permanent)),
        ("Scope", scope_words(channel, event.list)),
        (
            "Time of the person's own act",
            "given" if event.dated else "not given; that of recording stands for it",
        ),
        ("Reason", reason_words(event.reason)),
        ("Campaign", event.campaign),
        ("Keyword texted", event.keyword),
        ("Came in", door_words(event.door)),
        ("Source", event.source),
        ("File", _place_in_file(event)),
        ("Recorded by", event.operator),
        ("Digest", event.digest),
        ("Proof", f"{len(link.path)} hashes lead from the digest to the root of the head"),
    ]
    return tag(
        "dl",
        *(
            together((tag("dt", name), tag("dd", said, class_="mono" if name == "Digest" else None)))
            for name, said in pairs
            if said
        ),
    )


def _place_in_file(event: EventView) -> str | None:
    if event.import_id is None:
        return None
    row = f", row {event.row_number}" if event.row_number is not None else ""
    return f"import {event.import_id}{row}"


def _refusals(view: ContactPointView, zone: tzinfo) -> Iterator[Html]:
    """Attempts that were refused: they are no consent, and are in the operators' log only."""
    if not view.refusals:
        return
    yield tag("h3", "Refused attempts, which are no consent")
    rows = [
        tag(
            "tr",
            tag("td", exactly(each.at, zone)),
            tag("td", each.operator),
            tag("td", scope_words(each.channel or view.channel, each.list)),
            tag("td", code_words(each.code)),
        )
        for each in view.refusals
    ]
    yield tag("table", tag("tbody", *rows))
