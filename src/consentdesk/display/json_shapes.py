"""What scripts are given: plain dicts of JSON values, with the data as it came.

The keys are a promise. Times are ISO 8601 in UTC, a list is its name or ``None`` for channel-wide, a state is
its word or ``None``. Written with ASCII escapes (`dump`), such texts do nothing to a terminal.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING

from consentdesk.display.deposition import explain_lost, explain_rule
from consentdesk.display.sentences import explain_answer, explain_state
from consentdesk.ledger.found import COUNTED_UP_TO
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import iso

if TYPE_CHECKING:
    from consentdesk.ledger.comparison import Comparison
    from consentdesk.ledger.export_views import ExportRow
    from consentdesk.ledger.integrity_views import Verification
    from consentdesk.ledger.views import (
        Account,
        CampaignView,
        ContactPointView,
        ContactView,
        EventView,
        ListView,
        OperatorView,
        PersonView,
        RecordView,
        Result,
        SearchPage,
        SendAnswer,
        StateView,
    )

Json = dict[str, object]


def dump(shape: object) -> str:
    """Any of the shapes as text: ASCII only, two spaces of indent."""
    return json.dumps(shape, ensure_ascii=True, indent=2)


def search_json(page: SearchPage) -> list[Json]:
    """The hits of a search, each with its channel-wide state."""
    return [
        {
            "person": person_json(hit.person),
            "channel": hit.channel.value,
            "address": hit.address,
            "state": hit.state,
            "since": time_or_none(hit.since),
            "permanent": hit.is_permanent,
        }
        for hit in page.hits
    ]


def contact_json(view: ContactView) -> Json:
    """Every contact point of an address, with its states, records and events, newest first."""
    return {
        "contact_points": [contact_point_json(point) for point in view.points],
        "outlived_erasure": [channel.value for channel in view.outlived],
        "missing_key": view.missing_key,
    }


def contact_point_json(point: ContactPointView) -> Json:
    """One contact point."""
    return {
        "channel": point.channel.value,
        "address": point.address,
        "person": person_json(point.person),
        "states": [_state_json(point, state) for state in point.states],
        "records": [_record_json(record) for record in point.records],
        "events": [event_json(event) for event in point.events],
        "refusals": [
            {
                "at": iso(refusal.at),
                "operator": refusal.operator,
                "door": refusal.door.value,
                "kind": refusal.kind,
                "list": refusal.list,
                "code": refusal.code.value,
                "import_id": refusal.import_id,
                "row_number": refusal.row_number,
                "channel": refusal.channel,
                "address": refusal.address,
            }
            for refusal in point.refusals
        ],
    }


def person_json(person: PersonView | None) -> Json | None:
    """Who a contact point is linked to, or ``None``."""
    if person is None:
        return None
    return {"id": person.id, "name": person.name, "external_id": person.external_id}


def event_json(event: EventView) -> Json:
    """One event; ``passed_over`` is the rule that passed it over, or ``None``."""
    return {
        "id": event.id,
        "kind": event.kind.value,
        "list": event.list,
        "permanent": event.permanent,
        "occurred_at": iso(event.occurred_at),
        "recorded_at": iso(event.recorded_at),
        "dated": event.dated,
        "reason": event.reason,
        "campaign": event.campaign,
        "wording": event.wording,
        "legal_basis": event.legal_basis,
        "explanation": event.explanation,
        "note": event.note,
        "reference": event.reference,
        "keyword": event.keyword,
        "door": event.door.value,
        "source": event.source,
        "operator": event.operator,
        "import_id": event.import_id,
        "row_number": event.row_number,
        "retracts": event.retracts,
        "retracted_by": event.retracted_by,
        "passed_over": event.passed_over,
        "digest": event.digest,
    }


def answer_json(answer: SendAnswer) -> Json:
    """Whether a message may go out, because of what, and for which moment on both clocks."""
    return {
        "permitted": answer.permitted,
        "state": answer.state,
        "because": {
            "event_id": answer.decided_by.id if answer.decided_by is not None else None,
            "rule": answer.rule.value,
            "sentence": explain_answer(answer, UTC),
        },
        "channel": answer.channel.value,
        "address": answer.address,
        "list": answer.list,
        "at": time_or_none(answer.at),
        "known_at": time_or_none(answer.known_at),
        "rule_sentence": explain_rule(answer),
        "wording": answer.decided_by.wording if answer.decided_by is not None else None,
    }


def account_json(account: Account) -> Json:
    """The same with every event that did not decide, and why; the newest first by its own time.

    Of all this only ``recorded_since`` depends on what was recorded after ``known_at``: it says how much.
    """
    answer = account.answer
    return {
        **answer_json(answer),
        "lost": [
            {
                "event": event_json(each.event),
                "why": each.loss.value,
                "by_event_id": each.by.id if each.by is not None else None,
                "sentence": explain_lost(each, answer.channel, UTC),
            }
            for each in answer.lost
        ],
        "recorded_since": account.recorded_since,
    }


def result_json(result: Result) -> Json:
    """What became of one change."""
    return {
        "outcome": result.outcome.value,
        "code": result.code,
        "message": result.message,
        "state": result.state,
        "event_id": result.event_id,
        "resubscribed": result.resubscribed,
        "warnings": list(result.warnings),
    }


def export_row_json(row: ExportRow) -> Json:
    """One row of an export, under the names of its columns."""
    return {
        "channel": row.channel.value,
        "address": row.address,
        "list": row.list,
        "state": row.state.value,
        "permanent": row.permanent,
        "since": time_or_none(row.since),
        "reason": row.reason,
        "campaign": row.campaign,
    }


def comparison_json(comparison: Comparison, first: int) -> Json:
    """Both sides of a comparison: all of the counts, and the first rows of each side."""
    return {
        "channel": comparison.channel.value,
        "list": comparison.list,
        "counts": asdict(comparison.counts),
        "sendable_there": [export_row_json(each.opt_out) for each in comparison.sendable_there(limit=first)],
        "unknown_here": [
            {
                "row_number": each.row_number,
                "seen": each.is_seen,
                "state_here": each.state,
                "opt_out": export_row_json(each.opt_out),
                "on_list": export_row_json(each.on_list) if each.on_list is not None else None,
            }
            for each in comparison.unknown_here(limit=first)
        ],
        "unreadable": [
            {"row_number": each.row_number, "code": each.code, "message": each.message}
            for each in comparison.unreadable(limit=first)
        ],
    }


def list_json(view: ListView) -> Json:
    """A subscription list; ``subscribed`` is counted up to a cap, which may then be less than there are."""
    return {
        "name": view.name,
        "channel": view.channel.value,
        "created_at": iso(view.created_at),
        "archived_at": time_or_none(view.archived_at),
        **_capped("subscribed", view.subscribed),
    }


def campaign_json(view: CampaignView) -> Json:
    """An acquisition campaign as it is now; ``opt_ins`` is counted up to a cap, as a list's subscribers are."""
    return {
        "name": view.name,
        "kind": view.kind.value,
        "status": view.status.value,
        "wording": view.wording,
        "purpose": view.purpose,
        "legal_basis": view.legal_basis,
        "feeds": [{"channel": channel.value, "list": name} for channel, name in view.feeds],
        "starts": time_or_none(view.starts),
        "ends": time_or_none(view.ends),
        "deleted_at": time_or_none(view.deleted_at),
        "word": view.word,
        **_capped("opt_ins", view.opt_ins),
        "versions": view.versions,
    }


def operator_json(view: OperatorView) -> Json:
    """An operator with a role."""
    return {"login": view.login, "role": view.role.value, "since": time_or_none(view.since)}


def verification_json(verification: Verification) -> Json:
    """Whether the ledger is sound, and the first thing that does not fit.

    ``held_against`` is there when it was held against a head, kept elsewhere, as well.
    """
    fault, head = verification.first_fault, verification.held_against
    shape: Json = {
        "events": verification.events,
        "head": verification.head,
        "ok": verification.is_sound,
        "first_fault": None if fault is None else {"event_id": fault.event_id, "what": fault.what},
    }
    if head is not None:
        at, end = iso(head.at), head.events
        shape["held_against"] = {"at": at, "events": end.count, "digest": end.digest}
    return shape


def _capped(name: str, number: int) -> Json:
    return {name: min(number, COUNTED_UP_TO), f"{name}_is_at_least": number > COUNTED_UP_TO}


def _state_json(point: ContactPointView, state: StateView) -> Json:
    return {
        "list": state.list,
        "state": state.state,
        "since": time_or_none(state.since),
        "reason": state.reason,
        "permanent": state.is_permanent,
        "archived": state.is_archived,
        "event_id": state.decided_by.id if state.decided_by is not None else None,
        "explanation": explain_state(point, state, UTC),
    }


def _record_json(record: RecordView) -> Json:
    return {
        "list": record.list,
        "opt_in_date": iso(record.opt_in_date),
        "opt_out_date": time_or_none(record.opt_out_date),
        "opt_out_reason": record.opt_out_reason,
        "campaign": record.campaign,
        "opened_by": record.opened_by,
        "closed_by": record.closed_by,
    }


def time_or_none(moment: Moment | None) -> str | None:
    """A moment for a script; one past the calendar's end bounds nothing."""
    if moment is None:
        return None
    try:
        return iso(moment)
    except OverflowError:
        return None
