"""Four people whose stories are written by hand, so that each shows what the ledger is for.

Maya Okafor comes and goes; Tomás Ruíz gives up a number that Chloé Tremblay gets; Ingrid Solheim leaves for
good; 王伟 (Wang Wei) has an opt-in in error, an archived list, and a STOP that arrived late.
"""

from __future__ import annotations

from collections.abc import Sequence

MAYA = {
    "external_id": "C-00001",
    "first_name": "Maya",
    "last_name": "Okafor",
    "email": "maya.okafor@example.com",
    "phone": "+61491570156",
}
TOMAS = {
    "external_id": "C-00002",
    "first_name": "Tomás",
    "last_name": "Ruíz",
    "email": "tomas.ruiz@example.net",
    "phone": "+15145550123",
}
CHLOE = {
    "external_id": "C-00003",
    "first_name": "Chloé",
    "last_name": "Tremblay",
    "email": "chloe.tremblay@mail.example",
    "phone": "+15145550123",
}
INGRID = {
    "external_id": "C-00004",
    "first_name": "Ingrid",
    "last_name": "Solheim",
    "email": "ingrid.solheim@example.org",
    "phone": "+442079460123",
}
WEI = {
    "external_id": "C-00005",
    "first_name": "王伟",
    "last_name": "",
    "email": "wang.wei@post.example",
    "phone": "+61491570157",
}


def _said(person: dict[str, str], at: str, **statuses: str) -> dict[str, str]:
    words = {f"{name}_subscription_status": word for name, word in statuses.items()}
    return {**person, **words, "consented_at": at}


_YES = "subscribed"

ROWS: dict[str, list[dict[str, str]]] = {
    "statuses-2019-migration.csv": [
        _said(MAYA, "2017-06-14T09:30:00", email=_YES, Newsletter=_YES, sms=_YES),
    ],
    "statuses-2019-trade-fair.csv": [
        _said(INGRID, "2019-03-27T15:10:00", email=_YES, Newsletter=_YES, sms=_YES),
    ],
    "suppression-2020-mail-provider.csv": [
        {"email": INGRID["email"], "reason": "button_opt_out", "opted_out_at": "2019-12-02T08:03:11"},
    ],
    "statuses-2020-web-form.csv": [
        _said(TOMAS, "2020-02-11T19:44:05", email=_YES, Newsletter=_YES, sms=_YES),
        _said(WEI, "2020-03-15T07:20:41", email=_YES, sms=_YES, **{"Spring catalogue": _YES}),
    ],
    "statuses-2021-double-opt-in.csv": [
        _said(MAYA, "2021-04-18T20:02:10", email=_YES, Newsletter=_YES),
        _said(INGRID, "2021-05-06T12:31:54", email=_YES, Newsletter=_YES),
    ],
    "carrier-2021-deactivations.csv": [{"mdn": TOMAS["phone"], "deactivation_date": "2021-08-30"}],
    "suppression-2022-newsletter.csv": [
        {"email": INGRID["email"], "reason": "user_opt_out", "opted_out_at": "2022-05-12T10:00:00"},
    ],
    "statuses-2023-web-form.csv": [
        _said(MAYA, "2023-05-20T18:15:33", email=_YES, sms=_YES),
        _said(CHLOE, "2023-03-04T11:09:27", email=_YES, sms=_YES, whatsapp=_YES),
        _said(WEI, "2023-05-10T21:40:00", sms=_YES),
    ],
    "statuses-2025-old-copy.csv": [
        {"email": INGRID["email"], "email_subscription_status": _YES},
        {"email": MAYA["email"], "email_subscription_status": _YES},
    ],
}


def _change(person: dict[str, str], channel: str, kind: str, **more: object) -> dict[str, object]:
    return {
        "channel": channel,
        "address": person["email" if channel == "email" else "phone"],
        "kind": kind,
        **more,
    }


def _entry(at: str, operator: str, *changes: dict[str, object], door: str = "operator") -> dict[str, object]:
    return {"at": at, "operator": operator, "door": door, "changes": list(changes)}


DAY_BOOK: list[dict[str, object]] = [
    _entry(
        "2019-11-05T10:42:00Z",
        "Priya Raman",
        _change(
            MAYA,
            "email",
            "opt_out",
            list="Newsletter",
            reference="DESK-1042",
            note="Too many newsletters, wants to keep order updates.",
        ),
    ),
    _entry(
        "2022-03-02T06:58:21Z",
        "sms gateway",
        _change(MAYA, "sms", "opt_out", at="2022-03-02T06:58:21Z"),
        door="inbound_message",
    ),
    _entry(
        "2022-05-19T13:20:00Z",
        "Jonas Vogel",
        _change(
            WEI,
            "email",
            "opt_in",
            list="Newsletter",
            campaign="Phone orders",
            at="2022-05-19T13:15:00Z",
            note="Asked for the newsletter while ordering.",
            reference="DESK-3310",
        ),
    ),
    {
        "at": "2022-05-23T09:05:00Z",
        "operator": "Mira Castellano",
        "door": "operator",
        "retract": {"channel": "email", "address": WEI["email"]},
        "note": "The caller was another Wang Wei: see DESK-3317.",
    },
    _entry(
        "2022-08-09T16:30:00Z",
        "Priya Raman",
        _change(INGRID, "sms", "opt_out", reference="DESK-3702", note="No more texts, please."),
    ),
    _entry(
        "2023-10-04T11:12:00Z",
        "Mira Castellano",
        *(
            _change(
                INGRID,
                channel,
                "opt_out",
                permanent=True,
                reference="DESK-4981",
                note="Third complaint. Asked in writing never to be contacted again.",
            )
            for channel in ("email", "sms", "whatsapp")
        ),
    ),
    _entry(
        "2024-01-15T08:00:00Z",
        "sms gateway",
        # The aggregator delivered it nine months late: it was texted before the web form of May 2023.
        _change(WEI, "sms", "opt_out", at="2023-04-28T05:12:47Z", note="Delivered late by the aggregator."),
        door="inbound_message",
    ),
    _entry(
        "2024-02-11T21:03:40Z",
        "sms gateway",
        _change(MAYA, "sms", "opt_in", campaign="Text JOIN", keyword="START"),
        door="inbound_message",
    ),
    _entry(
        "2024-04-22T14:48:00Z",
        "Jonas Vogel",
        _change(
            INGRID,
            "email",
            "opt_in",
            campaign="Phone orders",
            at="2024-04-22T14:40:00Z",
            note="Caller says she wants the catalogue again.",
            reference="DESK-5530",
        ),
    ),
    _entry(
        "2024-09-03T17:25:12Z",
        "sms gateway",
        _change(MAYA, "sms", "opt_in", list="Flash sales", campaign="Text JOIN", keyword="JOIN"),
        door="inbound_message",
    ),
    _entry(
        "2025-02-18T10:11:00Z",
        "Amara Nwosu",
        _change(TOMAS, "email", "opt_out", reference="DESK-6204", note="Moved away, asks us to stop."),
    ),
]


def rows_of(name: str, header: Sequence[str]) -> list[list[str]]:
    """The rows that the stories have in a file, in its columns."""
    rows = ROWS.get(name, [])
    assert all(set(row) <= {*header, "phone", "consented_at"} for row in rows), name
    return [[row.get(column, "") for column in header] for row in rows]
