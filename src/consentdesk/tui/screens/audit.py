"""The audit: who did what when, as a list and as charts, and what the evidence of open records lacks."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from consentdesk import settings as clock
from consentdesk.display import plain, when
from consentdesk.ledger.audit_views import AuditEntry, AuditFilter
from consentdesk.tui.audit_parts.charts_part import ChartsPart
from consentdesk.tui.audit_parts.check_part import CheckPart
from consentdesk.tui.audit_parts.part import Part
from consentdesk.tui.audit_parts.trail_part import TrailPart
from consentdesk.tui.audit_sentences import entry_told, filter_words
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.widgets.row_list import RowList

_PARTS: tuple[type[Part], ...] = (TrailPart, ChartsPart, CheckPart)
_EVERYTHING = "everything"
_OF_NOW = "open records as they are now"


class Audit(DeskScreen[None]):
    """Three parts, one at a time; the filter is for the trail and the charts."""

    PLACE = "audit"
    BINDINGS = bindings_for("audit")
    CSS_PATH = STYLES / "audit.tcss"
    AUTO_FOCUS = "#trail"

    def __init__(self) -> None:
        super().__init__()
        self._wanted = AuditFilter()
        self._place = 0

    def compose_body(self) -> ComposeResult:
        """Which part it is, what is shown, and the parts."""
        yield Static(id="title", markup=False)
        yield Static(id="status", markup=False)
        with ContentSwitcher(initial="trail-part", id="parts"):
            yield TrailPart(id="trail-part")
            yield ChartsPart(id="charts-part")
            yield CheckPart(id="check-part")

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self._say_part()
        self.part.turn_to(self._wanted)

    def on_screen_resume(self) -> None:
        """Something may have been recorded meanwhile."""
        if self._place == 0 and self.trail.trail.rows and not self.trail.trail.is_beyond_first_page:
            self.trail.reload()

    @property
    def trail(self) -> TrailPart:
        """The first part."""
        return self.query_one(TrailPart)

    @property
    def part(self) -> Part:
        """The part that is shown."""
        return self.query_one(_PARTS[self._place])

    def action_next_section(self) -> None:
        """Turn to the next part, after the last to the first."""
        self._place = (self._place + 1) % len(_PARTS)
        self.query_one("#parts", ContentSwitcher).current = self.part.id
        self._say_part()
        self.part.resting_place.focus()
        self.part.turn_to(self._wanted)

    def _say_part(self) -> None:
        parts: list[tuple[str, str]] = [("Audit ", "bold")]
        for place, part in enumerate(_PARTS):
            parts.append((f" {part.TITLE} ", "bold reverse" if place == self._place else "dim"))
        self.query_one("#title", Static).update(Content.assemble(*parts))
        self._say_status()

    @property
    def _by(self) -> str:
        """Whose row is selected, where the list has no room for the whole name."""
        entry = self._selected
        return f"by {entry.operator}" if entry is not None and not self.has_class("-wide") else ""

    @on(TrailPart.Moved)
    def _moved(self, event: TrailPart.Moved) -> None:
        event.stop()
        self._say_status()

    def _say_status(self) -> None:
        words = filter_words(self._wanted, self.desk.settings.zone) or _EVERYTHING
        if self._place == 0:
            told = " · ".join(filter(None, (self.trail.position, self._by, f"newest first · {words}")))
        else:
            told = words if self._place == 1 else _OF_NOW
        self.query_one("#status", Static).update(Content(plain(told)))

    # acting

    def action_filter(self) -> None:
        """Choose what is shown."""
        from consentdesk.tui.screens.audit_filter import FilterForm

        self.app.push_screen(FilterForm(self._wanted, self.trail.trail.rows), self._take_filter)

    def _take_filter(self, wanted: AuditFilter | None) -> None:
        if wanted is None:
            return
        self._wanted = wanted
        if self._place == len(_PARTS) - 1:
            self.action_next_section()  # the check knows no filter: show what was asked for
        else:
            self._say_status()
            self.part.turn_to(wanted)

    def action_explain(self) -> None:
        """Say the selected row in full sentences."""
        entry = self._selected
        if entry is None:
            self.say("No row of the trail is selected, so there is nothing to explain.")
        else:
            from consentdesk.tui.screens.explanation import Explanation

            zone = self.desk.settings.zone
            read = f"Read from the consent ledger on {when(clock.now(), zone)}"
            self.app.push_screen(Explanation(f"{entry_told(entry, zone)}\n{read}"))

    @property
    def _selected(self) -> AuditEntry | None:
        return self.trail.selected if self._place == 0 else None

    @on(RowList.Opened, "#trail")
    def _opened(self, event: RowList.Opened) -> None:
        """The contact that the row is about; of any other the row itself in full."""
        event.stop()
        entry = self.trail.selected
        if entry is None or entry.contact_point_id is None:
            self.action_explain()
            return
        from consentdesk.tui.screens.contact import ContactScreen

        self.app.push_screen(ContactScreen(entry.contact_point_id))

    def action_save(self) -> None:
        """Save what the filter shows as a file; of the evidence check, what lacks something."""
        from consentdesk.tui.screens.save_audit import SaveAudit, SaveIncomplete

        part = self.part
        if isinstance(part, CheckPart):
            self.app.push_screen(SaveIncomplete(part.profile, None), self._say_saved)
        else:
            self.app.push_screen(SaveAudit(self._wanted), self._say_saved)

    def _say_saved(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
