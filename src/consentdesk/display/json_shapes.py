"""What scripts are given: plain dicts of JSON values, with the data as it came.

The keys are a promise. Times are ISO 8601 in UTC, a list is its name or ``None`` for channel-wide, a state is
its word or ``None``. Written with ASCII escapes (`dump`), such texts do nothing to a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC

from consentdesk.display.sentences import explain_answer, explain_state
from consentdesk.ledger.views import (
    CampaignView,
    ContactPointView,
    ContactView,
    Counts,
    EventView,
    ImportReport,
    ImportView,
    ListView,
    PersonView,
    RecordView,
    Result,
    SearchPage,
    SendAnswer,
    StateView,
    Verification,
)
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import iso

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
            "since": _time(hit.since),
            "permanent": hit.is_permanent,
        }
        for hit in page.hits
    ]


def contact_json(view: ContactView) -> Json:
    """Every contact point of an address, with its states, records and events, newest first."""
    return {"contact_points": [contact_point_json(point) for point in view.points]}


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
    return None if person is None else {"name": person.name, "external_id": person.external_id}


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
        "at": _time(answer.at),
        "known_at": _time(answer.known_at),
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


def report_json(report: ImportReport) -> Json:
    """How an import went, or would go; a dry run has no ``id``."""
    counts = report.counts
    return {
        "id": report.id,
        **_counts(counts),
        "two_persons": counts.two_persons,
        "status": report.status,
        "repeats": report.repeats,
        "warnings": list(report.warnings),
    }


def import_json(view: ImportView) -> Json:
    """An earlier import."""
    return {
        "id": view.id,
        "file_name": view.file_name,
        "kind": view.kind,
        "operator": view.operator,
        "campaign": view.campaign,
        "started_at": iso(view.started_at),
        "status": view.status,
        "position": view.position,
        **_counts(view.counts),
    }


def _counts(counts: Counts) -> Json:
    return {
        "rows": counts.rows,
        "changes": counts.changes,
        "applied": counts.applied,
        "resubscribed": counts.resubscribed,
        "historical": counts.historical,
        "no_change": counts.no_change,
        "refused": _refused(counts.refused),
    }


def list_json(view: ListView) -> Json:
    """A subscription list; ``subscribed`` is counted up to 10,001."""
    return {
        "name": view.name,
        "channel": view.channel.value,
        "created_at": iso(view.created_at),
        "archived_at": _time(view.archived_at),
        "subscribed": view.subscribed,
    }


def campaign_json(view: CampaignView) -> Json:
    """An acquisition campaign as it is now; ``opt_ins`` is counted up to 10,001."""
    return {
        "name": view.name,
        "kind": view.kind.value,
        "status": view.status.value,
        "wording": view.wording,
        "legal_basis": view.legal_basis,
        "feeds": [{"channel": channel.value, "list": name} for channel, name in view.feeds],
        "starts": _time(view.starts),
        "ends": _time(view.ends),
        "deleted_at": _time(view.deleted_at),
        "word": view.word,
        "opt_ins": view.opt_ins,
        "versions": view.versions,
    }


def verification_json(verification: Verification) -> Json:
    """Whether the ledger is sound, and the first thing that does not fit."""
    fault = verification.first_fault
    return {
        "events": verification.events,
        "head": verification.head,
        "ok": verification.is_sound,
        "first_fault": None if fault is None else {"event_id": fault.event_id, "what": fault.what},
    }


def _state_json(point: ContactPointView, state: StateView) -> Json:
    return {
        "list": state.list,
        "state": state.state,
        "since": _time(state.since),
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
        "opt_out_date": _time(record.opt_out_date),
        "opt_out_reason": record.opt_out_reason,
        "campaign": record.campaign,
        "opened_by": record.opened_by,
        "closed_by": record.closed_by,
    }


def _refused(refused: Mapping[str, int]) -> Json:
    return {str(code): number for code, number in sorted(refused.items())}


def _time(moment: Moment | None) -> str | None:
    """A moment for a script; one past the calendar's end bounds nothing."""
    if moment is None:
        return None
    try:
        return iso(moment)
    except OverflowError:
        return None
