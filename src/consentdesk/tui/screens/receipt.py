"""The consent receipt of one subscription record, for the person it is about."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.display import plain
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.views import ContactPointView
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.file_work_dialog import FileWorkDialog
from consentdesk.tui.widgets.line_input import LineInput

_WHAT = (
    "JSON-LD in the terms of the W3C Data Privacy Vocabulary, for the record of {address} that event {event} opened. "
    "What the ledger does not know is left out. That it was written is a line in the audit."
)


class Receipt(FileWorkDialog[str]):
    """``opened_by`` is the opt-in that opened the record."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "receipt.tcss"
    HEADING = "Consent receipt"
    CONFIRM_WORDS = "Write the receipt"
    STOPPED = "Cancelled: nothing was written."
    REPLACES = None

    def __init__(self, point: ContactPointView, opened_by: int) -> None:
        super().__init__()
        self._point = point
        self._opened_by = opened_by

    def compose_form(self) -> ComposeResult:
        """Of which record, who asks for the consent, and where it goes."""
        what = _WHAT.format(address=plain(self._point.address, 60), event=self._opened_by)
        yield Static(Content(what), id="told")
        yield Field(
            "Controller", LineInput(placeholder="the organisation; may be left blank", id="controller")
        )
        yield from self.target_field()

    def offered_name(self) -> tuple[str, str]:
        """Named after the event: an address in the name of a file would travel."""
        return f"receipt-{self._opened_by}", ".jsonld"

    def work(self) -> LongWork[str]:
        """Write it; it cannot take long."""
        from consentdesk.reports.evidence.receipt import receipt_file, receipt_of, written

        controller = self.query_one("#controller", Input).value.strip() or None
        target, point, event = self.target.path, self._point, self._opened_by
        origin = self.desk.operator_origin

        def write(ledger: Ledger, _: LongWork[str]) -> str:
            with receipt_file(target) as file:
                receipt = receipt_of(
                    ledger, point.address, point.channel, origin(), event=event, controller=controller
                )
                file.write(written(receipt))
            return str(target)

        return LongWork(self.desk, write, self.show_progress)

    def said(self, answer: str) -> str:
        """Where it is."""
        return f"The receipt is in {plain(answer)}."
