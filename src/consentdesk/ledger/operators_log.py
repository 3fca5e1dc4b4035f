"""The operators' log: what was attempted, loaded or taken out, and what was refused. It is no consent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from consentdesk.ledger import chain
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.deciding import Decided
from consentdesk.ledger.pen import Pen, insert_rows, next_number
from consentdesk.ledger.tables import LOG, TEXTS
from consentdesk.rules.vocabulary import Code, Outcome


def log(
    pen: Pen,
    what: str,
    *,
    kind: str | None = None,
    code: str | None = None,
    contact_point_id: int | None = None,
    list_id: int | None = None,
    text: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add one line to the operators' log. ``text`` may hold an address: it is kept where it can be erased."""
    [(text_id, stands_for)] = write_texts(pen, [text]) if text is not None else [(None, None)]
    line = _line(pen, what, kind, code, contact_point_id, list_id, None, text_id, detail)
    _append(pen, [(line, stands_for)])


def log_refusals(pen: Pen, decided: Sequence[Decided], unread: Sequence[tuple[int, Code]]) -> None:
    """Refused attempts go into the operators' log, and are no consent.

    ``unread`` are rows, or parts of them, that were refused before anything could be decided. An import's
    rows are found again by their number. Any other attempt on a contact point that does not exist is shown
    beside what came in the same delivery, and its address is kept as a text.
    """
    refused = [each for each in decided if each.result.outcome is Outcome.REFUSED]
    if not refused and not unread:
        return
    beside = next((each.point.id for each in decided if each.point is not None and each.point.id), None)
    is_elsewhere = [_is_elsewhere(pen, each) for each in refused]
    unknown = [each.asked.change.address for each, is_so in zip(refused, is_elsewhere, strict=True) if is_so]
    texts = iter(write_texts(pen, unknown))
    lines: list[tuple[_Line, str | None]] = [
        (_line(pen, "refused", None, code.value, None, None, row_number, None, None), None)
        for row_number, code in unread
    ]
    for each, is_so in zip(refused, is_elsewhere, strict=True):
        known = each.point.id if each.point is not None else None
        text_id, stands_for = next(texts) if is_so else (None, None)
        line = _line(
            pen,
            "refused",
            each.asked.change.kind.value,
            each.result.code.value if each.result.code else None,
            beside if is_so else known,
            each.list_id,
            each.asked.row_number,
            text_id,
            {"channel": each.asked.change.channel.value} if is_so else None,
        )
        lines.append((line, stands_for))
    _append(pen, lines)


def write_texts(pen: Pen, texts: Sequence[str]) -> list[tuple[int, str]]:
    """Store free texts; the number of each and its commitment."""
    if not texts:
        return []
    first = next_number(pen.connection, TEXTS)
    salts = chain.new_salts(len(texts))
    rows = [(first + place, salt, text) for place, (salt, text) in enumerate(zip(salts, texts, strict=True))]
    insert_rows(pen.connection, TEXTS, rows)
    return [(number, chain.commitment(salt, text)) for number, salt, text in rows]


def _is_elsewhere(pen: Pen, refused: Decided) -> bool:
    return pen.import_id is None and (refused.point is None or refused.point.id is None)


_Line = tuple[Any, ...]
"""A line in the order of the table's columns, without its number and digest."""

_COLUMNS = [column.name for column in LOG.columns]
_LAST_LINE = "SELECT id, at, digest FROM operator_log ORDER BY id DESC LIMIT 1"


def _append(pen: Pen, lines: Sequence[tuple[_Line, str | None]]) -> None:
    """Add lines to the log's chain, each with the commitment of its text.

    Its clock never runs backwards: an audit looks for a time by halving.
    """
    [(last, latest, digest)] = rows_of(pen.connection, _LAST_LINE) or [(0, pen.now, chain.GENESIS)]
    rows = []
    for number, ((at, *rest), stands_for) in enumerate(lines, last + 1):
        line = (max(at, latest), *rest)
        body = chain.log_json(dict(zip(_COLUMNS, (number, *line), strict=False)), stands_for)
        digest = chain.link(digest, body)
        rows.append((number, *line, digest))
    insert_rows(pen.connection, LOG, rows)


def _line(
    pen: Pen,
    what: str,
    kind: str | None,
    code: str | None,
    contact_point_id: int | None,
    list_id: int | None,
    row_number: int | None,
    text_id: int | None,
    detail: Mapping[str, object] | None,
) -> _Line:
    return (
        pen.now,
        pen.origin.operator,
        pen.origin.door.value,
        what,
        kind,
        code,
        contact_point_id,
        list_id,
        pen.import_id,
        row_number,
        text_id,
        json.dumps(detail or {}, sort_keys=True),
    )
