"""The filter of the audit: what is looked for, field by field."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input, Select

from consentdesk import settings as clock
from consentdesk.display import channel_words, plain, reason_words, scope_words
from consentdesk.display.audit_words import audit_outcome_words
from consentdesk.ledger.audit_views import WHATS, AuditEntry, AuditFilter, AuditOutcome
from consentdesk.ledger.views import CampaignView, ListView, OperatorView
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import FutureTime, UnreadableTime, iso, own_time, read_time
from consentdesk.rules.vocabulary import Channel, Door, Kind, Reason
from consentdesk.tui.audit_sentences import what_choice
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput

Value = TypeVar("Value", bound=Hashable)

_ANY = "any"
_NAME = "a name, in any letter case; blank: any"
_KNOWN = "those known …"
_SINCE = "a day or minute from its first second ({zone}); blank: the beginning"
_UNTIL = "a day or minute to its last second ({zone}); blank: now"
_NUMBER = "its number (p lists them); blank: any"
_MOST_DIGITS = 18
"""A longer number is no import's, and more than the ledger can be asked for."""
_DOORS = [(each.value.replace("_", " "), each) for each in Door]


class FilterForm(Dialog[AuditFilter]):
    """Begins with the filter that is there. ``seen`` are rows that are shown: a feed's own reasons, and operators
    without a role, are taken from them."""

    PLACE = "filter"
    BINDINGS = bindings_for("filter")
    CSS_PATH = STYLES / "audit_filter.tcss"
    AUTO_FOCUS = "#since"  # a form to be filled in, which confirms nothing while letters are text
    HEADING = "Which rows of the audit"
    CONFIRM_WORDS = "Apply"
    ABOUT = (
        "Shown is what fits every field. Times are written like 2026-03-01 or 2026-03-01T14:02, and are those of "
        "recording; the first counts from its first second, the last one to its last."
    )

    def __init__(self, wanted: AuditFilter, seen: Iterable[AuditEntry]) -> None:
        super().__init__()
        self._wanted = wanted
        entries = list(seen)
        self._reasons = _and_those_seen((each.value for each in Reason), (each.reason for each in entries))
        self._whats = _and_those_seen(WHATS, (each.what for each in entries))
        self._operators = _and_those_seen((), (each.operator for each in entries))
        self._lists: Sequence[ListView] = ()

    def compose_fields(self) -> ComposeResult:
        """Times, who, what; then lists and campaigns, which come from the ledger."""
        wanted, zone = self._wanted, self.desk.settings.zone
        since, until = (each.format(zone=plain(str(zone))) for each in (_SINCE, _UNTIL))
        yield Field(
            "From", LineInput(_written(wanted.since), placeholder=since, id="since"), id="since-field"
        )
        yield Field(
            "Until", LineInput(_written(wanted.until), placeholder=until, id="until"), id="until-field"
        )
        yield Field(
            "Operator",
            LineInput(plain(wanted.operator or ""), placeholder=_NAME, id="operator"),
            _names(self._operators),
        )
        yield Field("What", _choice([(what_choice(each), each) for each in self._whats], wanted.what, "what"))
        outcomes = [(audit_outcome_words(each), each) for each in AuditOutcome]
        yield Field("Outcome", _choice(outcomes, wanted.outcome, "outcome"))
        reasons = [(reason_words(each), each) for each in self._reasons]
        yield Field("Reason", _choice(reasons, wanted.reason, "reason"))
        yield Field("Door", _choice(_DOORS, wanted.door, "door"))
        channels = [(channel_words(each), each) for each in Channel]
        yield Field("Channel", _choice(channels, wanted.channel, "channel"))
        known = [wanted.list] if wanted.list is not None else []
        yield Field("List", _choice([(each, each) for each in known], wanted.list, "list"))
        known = [wanted.campaign] if wanted.campaign is not None else []
        yield Field("Campaign", _choice([(each, each) for each in known], wanted.campaign, "campaign"))
        number = str(wanted.import_id) if wanted.import_id is not None else ""
        yield Field("Import", LineInput(number, placeholder=_NUMBER, id="import"), id="import-field")
        yield Button(Content("Clear all"), id="clear", compact=True)

    def on_mount(self) -> None:
        """Paint first, then ask for operators, lists and campaigns."""
        self.perform(self._prepare(), on_fault=self.answer)

    async def _prepare(self) -> None:
        operators, lists, campaigns = await self.desk.ask(
            lambda ledger: (ledger.operators(), ledger.lists(), ledger.campaigns())
        )
        self._lists = lists
        self._offer_operators(operators)
        self._offer_lists()
        self._offer_campaigns(campaigns)

    def _offer_operators(self, operators: Sequence[OperatorView]) -> None:
        """Those with a role, and whoever did something that is shown."""
        names = _and_those_seen((each.login for each in operators), self._operators)
        self._operators = sorted(names, key=str.casefold)
        self._field("known-operators").offer(_offered(self._operators))

    @on(Select.Changed, "#known-operators")
    def _operator_chosen(self, event: Select.Changed) -> None:
        """What is chosen stands in the field, where it can be changed."""
        event.stop()
        name: str | None = self._chosen("known-operators")
        if name is not None:
            self.query_one("#operator", Input).value = plain(name)

    def _offer_lists(self) -> None:
        """Those of the channel; a list has the same name on several."""
        channel: Channel | None = self._chosen("channel")
        names = [each for each in self._lists if each.channel is channel]
        offered: list[tuple[str, str | None]] = [(_ANY if channel else "choose a channel first", None)]
        self._field("list").offer(
            [*offered, *((scope_words(each.channel, each.name), each.name) for each in names)]
        )

    def _offer_campaigns(self, campaigns: Sequence[CampaignView]) -> None:
        names = sorted((each.name for each in campaigns), key=str.casefold)
        self._field("campaign").offer([(_ANY, None), *((name, name) for name in names)])

    def _field(self, name: str) -> Choice[str | None]:
        return self.query_one(f"#{name}", Choice)

    def _chosen(self, name: str) -> Value | None:
        choice: Choice[Value | None] = self.query_one(f"#{name}", Choice)
        return choice.chosen

    @on(Select.Changed, "#channel")
    def _channel_changed(self, event: Select.Changed) -> None:
        event.stop()
        if self._lists:
            self._offer_lists()

    @on(Button.Pressed, "#clear")
    def _clear(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(AuditFilter())

    def what_is_missing(self) -> str | None:
        """Times that can be read, and a number of an import that can be one; else which field is wrong."""
        complaints = {
            "From": self._complaint_about_time("since", Kind.OPT_IN),
            "Until": self._complaint_about_time("until", Kind.OPT_OUT),
            "Import": "" if self._is_import_number else "an import is looked for by its number, like 12.",
        }
        for name, complaint in zip(("since", "until", "import"), complaints.values(), strict=True):
            self.query_one(f"#{name}-field", Field).complain(complaint)
        return next((f"{label}: {said}" for label, said in complaints.items() if said), None)

    def _complaint_about_time(self, name: str, kind: Kind) -> str:
        try:
            self._moment(name, kind)
        except (UnreadableTime, FutureTime) as error:
            return error.sentence
        return ""

    def _moment(self, name: str, kind: Kind) -> Moment | None:
        """A date begins with its first moment and ends with its last."""
        before = self._wanted.since if name == "since" else self._wanted.until
        text = self._typed(name)
        if text == _written(before):
            return before
        return own_time(read_time(text, self.desk.settings.zone), kind, clock.now()) if text else None

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    @property
    def _is_import_number(self) -> bool:
        text = self._typed("import")
        return not text or (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS)

    async def confirm(self) -> AuditFilter | None:
        """The filter as the fields are now."""
        since, until = self._moment("since", Kind.OPT_IN), self._moment("until", Kind.OPT_OUT)
        if since is not None and until is not None and until < since:
            self.answer("It ends before it begins: nothing could be shown.")
            return None
        typed, number = self._typed("operator"), self._typed("import")
        known = [*self._operators, *filter(None, [self._wanted.operator])]
        operator = next((each for each in known if plain(each).strip() == typed), typed or None)
        return AuditFilter(
            since=since,
            until=until,
            operator=operator,
            door=self._chosen("door"),
            channel=self._chosen("channel"),
            list=self._chosen("list"),
            campaign=self._chosen("campaign"),
            reason=self._chosen("reason"),
            outcome=self._chosen("outcome"),
            what=self._chosen("what"),
            import_id=int(number) if number else None,
        )


def _choice(options: Sequence[tuple[str, Value]], value: Value | None, id: str) -> Choice[Value | None]:
    """A choice among the options, and first of all any."""
    offered: list[tuple[str, Value | None]] = [(_ANY, None), *options]
    return Choice(offered, value, id=id)


def _names(operators: Sequence[str]) -> Choice[str | None]:
    """Operators to choose among, beside the field for one."""
    return Choice(_offered(operators), id="known-operators")


def _offered(operators: Sequence[str]) -> list[tuple[str, str | None]]:
    return [(_KNOWN, None), *((each, each) for each in operators)]


def _and_those_seen(known: Iterable[str], seen: Iterable[str | None]) -> list[str]:
    """The known ones, then what else came up, each once."""
    return list(dict.fromkeys([*known, *(each for each in seen if each is not None)]))


def _written(moment: Moment | None) -> str:
    """A moment of the filter, in its field."""
    return iso(moment) if moment is not None else ""
