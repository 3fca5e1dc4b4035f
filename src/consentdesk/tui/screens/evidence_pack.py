"""Handing over evidence about a contact: a pack that stands by itself, with a verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk import settings as clock
from consentdesk.display import plain
from consentdesk.display.audit_words import asked_words, profile_words
from consentdesk.rules.completeness import Profile
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import FutureTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.file_work_dialog import FileWorkDialog
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.tick import Tick

if TYPE_CHECKING:
    from consentdesk.ledger.dossier_views import Wanted
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.reports.evidence.question import PackReport

_WHAT = (
    "Every event about {who}, with the wording shown and the proof, as pages, as JSON, and with a verifier that needs "
    "nothing but Python. It holds personal data. That it was written is a line in the audit."
)
_SHOWN = 3
"""Addresses that are named; of more, how many."""


class EvidencePack(FileWorkDialog["PackReport"]):
    """``wanted`` are the contact points that it is about, ``number`` is in the name that is offered."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "evidence_pack.tcss"
    HEADING = "Evidence pack"
    CONFIRM_WORDS = "Write the pack"
    STOPPED = "Cancelled: nothing was written."
    REPLACES = None
    TARGET_LABEL = "Folder or ZIP"
    UNIT = "addresses"

    def __init__(self, wanted: Sequence[Wanted], number: int) -> None:
        super().__init__()
        self._wanted = wanted
        self._number = number

    def compose_form(self) -> ComposeResult:
        """Of whom, for which moments, by which profile, with or without notes, and where it goes."""
        addresses = list(dict.fromkeys(each.text for each in self._wanted))
        who = ", ".join(plain(each, 40) for each in addresses[:_SHOWN])
        if len(addresses) > _SHOWN:
            who = f"{who} and {len(addresses) - _SHOWN} more"
        zone = plain(str(self.desk.settings.zone))
        profiles = [(f"{profile_words(each)}: {asked_words(each)}", each) for each in Profile]
        yield Static(Content(_WHAT.format(who=who)), id="told")
        yield Field(
            "As of", LineInput(placeholder=f"dates or times, with commas ({zone}); blank: now", id="moments")
        )
        yield Field("Complete by", Choice(profiles, id="profile"))
        yield Field("Notes", Tick("withhold notes, explanations and references", id="without-notes"))
        yield from self.target_field()

    def offered_name(self) -> tuple[str, str]:
        """No address is in it: names of files travel."""
        return f"evidence-{self._number}", ".zip"

    def what_is_missing(self) -> str | None:
        """Moments that can be read, and a path."""
        for text in self._texts:
            try:
                self._moment(text)
            except (UnreadableTime, FutureTime) as error:
                return f"As of: “{plain(text, 30)}”: {error.sentence}"
        return super().what_is_missing()

    @property
    def _texts(self) -> list[str]:
        texts = self.query_one("#moments", Input).value.split(",")
        return [text.strip() for text in texts if text.strip()]

    def _moment(self, text: str) -> Moment:
        """A date stands for its last moment: what happened on that day counts."""
        return own_time(read_time(text, self.desk.settings.zone), Kind.OPT_OUT, clock.now())

    def work(self) -> LongWork[PackReport]:
        """Write it; whole, or not at all."""
        from consentdesk.reports.evidence.pack import write_pack
        from consentdesk.reports.evidence.question import PackQuestion
        from consentdesk.tui.long_work import Stopped

        settings = self.desk.settings
        profile: Choice[Profile] = self.query_one("#profile", Choice)
        question = PackQuestion(
            moments=tuple(map(self._moment, self._texts)),
            zone=settings.zone,
            profile=profile.chosen,
            region=settings.region,
            with_notes=not self.query_one("#without-notes", Tick).value,
        )
        target, wanted, origin = self.target.path, self._wanted, self.desk.operator_origin

        def write(ledger: Ledger, run: LongWork[PackReport]) -> PackReport:
            report = write_pack(
                ledger,
                wanted,
                target,
                question,
                origin(),
                progress=run.report,
                is_cancelled=lambda: run.is_stopping,
            )
            if report is None:
                raise Stopped
            return report

        return LongWork(self.desk, write, self.show_progress)

    def said(self, answer: PackReport) -> str:
        """Where it is, what it holds, and what stands for all of it."""
        events = f"{answer.events:,} event{'' if answer.events == 1 else 's'}"
        return "\n".join(
            (
                f"The pack is at {plain(str(answer.path))}: open its index.html.",
                f"It has {events}.",
                f"Manifest SHA-256 {answer.manifest_sha256}",
                "Tell it to the other side in the covering letter. They check the pack with: python verify.py",
            )
        )
