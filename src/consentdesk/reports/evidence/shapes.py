"""The JSON of a pack: what each page says, what proves it, and the index.

The keys are a promise to `consentdesk.reports.evidence.verify_pack`, and to whoever reads a pack by program. Texts are
as they came; with ASCII escapes they do nothing to a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC

from consentdesk.display.deposition import explain_lost
from consentdesk.display.json_shapes import answer_json, contact_point_json, time_or_none
from consentdesk.ledger.dossier_views import (
    AddressOpening,
    Asked,
    Bridge,
    Dossier,
    Erasures,
    Moments,
    Opening,
    Proved,
    ProvedPoint,
    Unreadable,
)
from consentdesk.ledger.integrity_views import Head
from consentdesk.ledger.views import Account
from consentdesk.reports.evidence.index_page import Line
from consentdesk.reports.evidence.question import PackQuestion
from consentdesk.reports.evidence.sums import sums_of
from consentdesk.rules.times import iso

Json = dict[str, object]


def dumped(shape: object) -> bytes:
    """A file's content: ASCII, one space of indent, since a pack holds every proof once more beside its page."""
    return (json.dumps(shape, ensure_ascii=True, indent=1) + "\n").encode("ascii")


def page_json(dossier: Dossier, head: Head, question: PackQuestion) -> Json:
    """One address: everything that is recorded, the answers, and what the records lack."""
    return {
        "address": dossier.asked.address,
        "is_valid": dossier.asked.is_valid,
        "asked_for": _spellings(dossier.asked),
        "ledger": head.ledger,
        "as_of": iso(head.at),
        "profile": question.profile.value,
        "contact_points": [_point_json(point) for point in dossier.points],
    }


def proof_json(dossier: Dossier) -> Json:
    """What proves the events of a page, contact point by contact point in the page's order."""
    return {
        "contact_points": [
            {
                "contact_point": point.view.id,
                "channel": point.view.channel.value,
                "address": _address_json(point.opening),
                "events": [_proved_json(event) for event in point.events],
            }
            for point in dossier.points
        ]
    }


def changes_json(changes: Iterable[Proved]) -> Json:
    """The changes of lists and campaigns that the pages name, with their proofs."""
    return {"changes": [_proved_json(change) for change in changes]}


def bridges_json(bridges: Mapping[str, Bridge | None]) -> Json:
    """By chain what shows that it goes on from a head that was kept elsewhere; empty where none was given."""
    return {
        name: None
        if bridge is None
        else {
            "count": bridge.count,
            "digest": bridge.digest.hex(),
            "path": [each.hex() for each in bridge.path],
        }
        for name, bridge in bridges.items()
    }


def index_json(
    head: Head,
    moments: Moments,
    question: PackQuestion,
    operator: str,
    lines: Sequence[Line],
    unreadable: Iterable[Unreadable],
    erasures: Erasures,
) -> Json:
    """The whole pack: what was asked, and for each address its page, ``None`` where nothing was ever recorded."""
    return {
        "ledger": head.ledger,
        "as_of": iso(head.at),
        "written_by": operator,
        "moments": [time_or_none(at) for at in moments.at],
        "known_at": time_or_none(moments.known_at),
        "profile": question.profile.value,
        "notes_disclosed": question.with_notes,
        "erasures": erasures.value,
        "sums": [
            {"at": time_or_none(at), "channel": channel.value, "yes": yes, "no": no}
            for at, channel, yes, no in sums_of(moments.at, (line.answers for line in lines))
        ],
        "addresses": [
            {
                "page": line.page,
                "address": line.asked.address,
                "channel": line.asked.channel,
                "is_valid": line.asked.is_valid,
                "asked_for": _spellings(line.asked),
                "recorded": line.page is not None,
                "outlived_erasure": [channel.value for channel in line.outlived],
            }
            for line in lines
        ],
        "unreadable": [
            {"row": each.row, "text": each.text, "code": each.code.value, "sentence": each.sentence}
            for each in unreadable
        ],
    }


def _point_json(point: ProvedPoint) -> Json:
    return {
        "contact_point": point.view.id,
        **contact_point_json(point.view),
        "answers": [_answer_json(account) for account in point.answers],
        "decided_by_erased": _decided_elsewhere(point),
        "missing": [
            {
                "list": gap.record.list,
                "opened_by": gap.record.opened_by,
                "missing": [element.value for element in gap.missing],
            }
            for gap in point.gaps
        ],
    }


def _decided_elsewhere(point: ProvedPoint) -> list[int]:
    """Events that decide though they are not on the page: those of the same address before it was erased once."""
    own = {link.number for link in point.events}
    deciding = {
        account.answer.decided_by.id for account in point.answers if account.answer.decided_by is not None
    }
    return sorted(deciding - own)


def _answer_json(account: Account) -> Json:
    """As `consentdesk may-send --json`, but the events that lost are named by number: they are on the same page."""
    answer = account.answer
    return {
        **answer_json(answer),
        "lost": [
            {
                "event_id": each.event.id,
                "why": each.loss.value,
                "by_event_id": each.by.id if each.by is not None else None,
                "sentence": explain_lost(each, answer.channel, UTC),
            }
            for each in answer.lost
        ],
        "recorded_since": account.recorded_since,
    }


def _spellings(asked: Asked) -> list[Json]:
    return [{"row": spelling.row, "text": spelling.text} for spelling in asked.spellings]


def _address_json(opening: AddressOpening | None) -> Json | None:
    if opening is None:
        return None
    return {"salt": opening.salt.hex(), "key": opening.key, "text": opening.text}


def _proved_json(link: Proved) -> Json:
    return {
        "id": link.number,
        "canonical": link.body.decode("ascii"),
        "predecessor": link.predecessor.hex(),
        "digest": link.digest.hex(),
        "path": [each.hex() for each in link.path],
        "texts": {name: _text_json(opening) for name, opening in link.texts.items()},
    }


def _text_json(opening: Opening | None) -> Json | None:
    return None if opening is None else {"salt": opening.salt.hex(), "text": opening.text}
