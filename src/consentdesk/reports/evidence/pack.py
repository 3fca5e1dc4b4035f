"""Writing an evidence pack: pages, proofs, index and verifier, of one moment of the ledger.

``index.html``, ``index.json``, ``head.json``, ``pages/NNNN.html`` and ``.json``, ``proof/NNNN.json``, ``changes.json``
and ``bridges.json``, ``verify.py``, and last ``manifest.sha256``. Addresses stream: what is held for the whole is a
line of the index for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.display.json_head import head_json
from consentdesk.ledger.dossier_views import Dossier, Handed, Wanted
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.integrity_views import Head
from consentdesk.reports.evidence import shapes
from consentdesk.reports.evidence.container import PackWriter
from consentdesk.reports.evidence.index_page import Line, index_html, line_of
from consentdesk.reports.evidence.page import page_html
from consentdesk.reports.evidence.question import PackQuestion, PackReport

if TYPE_CHECKING:
    from consentdesk.ledger.dossier import Dossiers
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.requests import Origin

_VERIFIER = Path(__file__).with_name("verify_pack.py")

Progress = Callable[[int, int | None], None]


class _Cancelled(Exception):
    """Whoever asked for the pack does not want it any more."""


def write_pack(
    ledger: Ledger,
    wanted: Iterable[Wanted],
    target: Path,
    question: PackQuestion,
    origin: Origin,
    *,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> PackReport | None:
    """Write evidence about some addresses into a folder, or a ZIP file where ``target`` ends so.

    It is there in the end, whole, or not at all; ``None`` when it was cancelled. The operators' log tells of it before
    it is there. ``progress`` is told of addresses. Raises `CannotWrite`, `NotAllowed`, and `BadRequest` where
    nothing that was asked for is an address.
    """

    def pulse() -> None:
        if is_cancelled():
            raise _Cancelled

    try:
        with PackWriter(target) as writer:
            with ledger.dossiers(
                wanted,
                region=question.region,
                moments=question.moments,
                known_at=question.known_at,
                profile=question.profile,
                with_texts=question.with_notes,
                kept=question.kept,
                pulse=pulse,
            ) as found:
                _check(found)
                pages = _Pages(writer, found.head, question)
                for done, dossier in enumerate(found, 1):
                    pages.add(dossier)
                    if progress is not None:
                        progress(done, len(found.asked))
                pages.finish(found, origin.operator)
                report = pages.report(found, writer.seal())
            ledger.note_evidence(
                Handed(
                    report.manifest_sha256,
                    report.addresses,
                    report.never_seen,
                    report.unreadable,
                    report.events,
                    tuple(pages.contact_points),
                ),
                origin,
            )
            pulse()
            writer.put()
            return report
    except _Cancelled:
        return None


class _Pages:
    """The files of a pack, one address after the other, and what is counted on the way."""

    def __init__(self, writer: PackWriter, head: Head, question: PackQuestion) -> None:
        self.contact_points: list[int] = []
        self._writer = writer
        self._head = head
        self._question = question
        self._lines: list[Line] = []
        self._pages = 0
        self._events = 0

    def add(self, dossier: Dossier) -> None:
        """Write an address's page, its JSON and its proof; one that nobody has seen has a line in the index only."""
        if not dossier.points:
            self._lines.append(line_of(dossier, None))
            return
        self._pages += 1
        number = f"{self._pages:04}"
        page = page_html(dossier, number, self._head, self._question)
        self._writer.add(f"pages/{number}.html", page.encode())
        self._writer.add(
            f"pages/{number}.json", shapes.dumped(shapes.page_json(dossier, self._head, self._question))
        )
        self._writer.add(f"proof/{number}.json", shapes.dumped(shapes.proof_json(dossier)))
        self._lines.append(line_of(dossier, f"pages/{number}"))
        for point in dossier.points:
            self.contact_points.append(point.view.id)
            self._events += len(point.events)

    def finish(self, found: Dossiers, operator: str) -> None:
        """Write what is about the whole pack."""
        add, question = self._writer.add, self._question
        add("proof/changes.json", shapes.dumped(shapes.changes_json(found.changes())))
        add("proof/bridges.json", shapes.dumped(shapes.bridges_json(found.bridges())))
        add("head.json", shapes.dumped(head_json(self._head)))
        add(
            "index.json",
            shapes.dumped(
                shapes.index_json(
                    self._head,
                    found.moments,
                    question,
                    operator,
                    self._lines,
                    found.unreadable,
                    found.erasures,
                )
            ),
        )
        index = index_html(
            self._head,
            found.moments,
            question,
            operator,
            self._lines,
            found.unreadable,
            found.erasures,
            self._events,
        )
        add("index.html", index.encode())
        add("verify.py", _VERIFIER.read_bytes())

    def report(self, found: Dossiers, manifest: str) -> PackReport:
        """What became of the pack."""
        return PackReport(
            path=self._writer.target,
            addresses=self._pages,
            never_seen=len(self._lines) - self._pages,
            unreadable=len(found.unreadable),
            duplicates=sum(len(asked.spellings) - 1 for asked in found.asked),
            events=self._events,
            manifest_sha256=manifest,
            head=self._head,
        )


def _check(found: Dossiers) -> None:
    if found.asked:
        return
    if not found.unreadable:
        raise BadRequest("Nobody was named: give addresses, or a file that has some.")
    first = found.unreadable[0]
    where = f" (row {first.row})" if first.row is not None else ""
    raise BadRequest(f"Nothing that was given is an address{where}: {first.sentence}")
