"""What scripts are given about erasures: plain dicts of JSON values. The keys are a promise."""

from __future__ import annotations

from collections.abc import Iterable

from consentdesk.display.json_shapes import Json, person_json
from consentdesk.ledger.erasure_views import (
    CopyReached,
    DeletionReport,
    Erasure,
    ErasureReport,
    PersonToDelete,
)
from consentdesk.rules.times import iso


def erasure_json(erasure: Erasure) -> Json:
    """What an erasure would come to."""
    return {
        "erased": False,
        "addresses": [
            {
                "address": each.address,
                "contact_points": list(each.contact_points),
                "events": each.events,
                "texts": each.texts,
                "opt_outs": each.opt_outs,
                "persons": [
                    {**(person_json(left.person) or {}), "other_addresses": list(left.others)}
                    for left in each.persons
                ],
            }
            for each in erasure.addresses
        ],
        "unknown": list(erasure.unknown),
        "copies": _copies(erasure.copies),
        "unfinished": erasure.is_unfinished,
    }


def erasure_report_json(report: ErasureReport) -> Json:
    """What was erased. Nothing of it is an address but those that nobody knew."""
    return {
        "erased": True,
        "contact_points": list(report.contact_points),
        "events": report.events,
        "texts": report.texts,
        "opt_outs": report.opt_outs,
        "persons": list(report.persons),
        "unknown": list(report.unknown),
        "copies": _copies(report.copies),
        "traces": report.traces,
        "named_in": list(report.named_in),
        "finished": report.is_finished,
    }


def deletion_report_json(report: DeletionReport) -> Json:
    """A person who was deleted, and whether name and external id are gone from every file."""
    return deletion_json(report.deleted, is_deleted=True) | {
        "copies": _copies(report.deleted.copies),
        "traces": report.traces,
        "finished": report.is_finished,
    }


def deletion_json(deletion: PersonToDelete, *, is_deleted: bool) -> Json:
    """A person with the contact points that are, or would be, left to themselves."""
    return {
        "deleted": is_deleted,
        "person": person_json(deletion.person),
        "contact_points": [{"id": number, "address": address} for number, address in deletion.contact_points],
    }


def _copies(copies: Iterable[CopyReached]) -> list[Json]:
    return [
        {"kind": each.kind, "path": each.path, "made_at": iso(each.made_at), "why_not": each.why_not}
        for each in copies
    ]
