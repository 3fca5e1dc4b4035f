"""The one table of commands: it feeds key bindings, the palette, the footer and the help screen.

To add a command, add one row to `COMMANDS` and write its ``action_...`` method on the screens that it
names in ``places`` (an action that starts with ``app.`` belongs to the app). To add a screen, pick a
place name, list it in `BROWSE` if the desk-wide letters shall work there (or in `DIALOGS` if it is
modal), and give the class ``PLACE = "that_name"`` and ``BINDINGS = bindings_for("that_name")``.

One letter has one meaning on every screen: the same key may stand in two rows only if those rows share
no place. A row's ``right`` is what a role needs for it: whoever has not got it sees the command greyed, with
the reason, and pressing its key says the reason; in the footer it comes after what the role may do. Knows no
screen and no ledger; every text here is ours, none comes from a ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from consentdesk.rules.roles import Right

LIST = "list"
"""The place of every row list, whatever screen it is on."""
EVERYWHERE = "everywhere"
"""The app itself."""

BROWSE = (
    "search",
    "contact",
    "imports",
    "catalogue",
    "import_file",
    "compare",
    "audit",
    "incomplete",
    "care",
)
"""The full screens, where desk-wide letters work."""
DIALOGS = ("dialog", "opt_out", "opt_in", "retract", "as_of", "explanation", "choose", "mappings", "filter")
"""The modal ones. They keep the table's letters out: only help works over them."""
CONFIRMING = ("dialog", "opt_out", "opt_in", "retract")
"""The modal ones that write."""

MOST_IN_FOOTER, MOST_IN_WIDE_FOOTER = 6, 10
_IN_FIELDS = frozenset({"results", "back", "palette", "quit_everywhere"})
"""What the footer shows while letters are text."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it is called, which keys start it, and where it is live.

    ``words`` label it in the footer and the palette, ``help`` is its sentence in the help screen.
    ``footer`` names the places whose footer shows it, ``spare`` those where it does so if there is room left; help
    is shown in all of them. ``right`` is ``None`` where everybody may.
    """

    id: str
    keys: tuple[str, ...]
    words: str
    help: str
    action: str
    places: tuple[str, ...]
    footer: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    in_palette: bool = True
    right: Right | None = None

    @property
    def key_words(self) -> str:
        """The keys as they are written on the screen."""
        return " ".join(key_name(key) for key in self.keys)

    def key_for(self, *, in_field: bool) -> str | None:
        """The first key that works here: in a text field letters are text, so only the others do."""
        return next((key for key in self.keys if not (in_field and is_text(key))), None)


_CHANGE = ("search", "contact")
_OUT = ("search", "contact", "imports", "catalogue")
_ABOUT = (*_OUT, "import_file", "compare", "audit", "care")
"""From where one goes to what is known of the ledger itself."""


def _beside(place: str) -> tuple[str, ...]:
    return tuple(each for each in _ABOUT if each != place)


# fmt: off
COMMANDS: tuple[Command, ...] = (
    Command("search", ("slash",), "search", "Go to the search box; what you type replaces the last search.",
            "app.search", (*_OUT, "compare", "care"), footer=("search", "imports", "catalogue")),
    Command("search", ("slash",), "filter", "Choose which rows are shown: by time, operator, list, reason and more.",
            "filter", ("audit",), footer=("audit",)),
    Command("results", ("down",), "results", "Leave the search box for the results.",
            "to_results", ("search",), in_palette=False),
    Command("open", ("enter",), "open", "Open the selected row.", "open", (LIST,), in_palette=False),
    Command("opt_out", ("o",), "opt out", "Record that the selected contact point wants no more messages.",
            "opt_out", _CHANGE, footer=_CHANGE, right=Right.OPT_OUT),
    Command("opt_in", ("i",), "opt in", "Record that the person asked to be subscribed, under a campaign.",
            "opt_in", _CHANGE, footer=_CHANGE, right=Right.CHANGE),
    Command("retract", ("x",), "retract", "Retract the selected opt-in, which was recorded in error.",
            "retract", ("contact",), right=Right.CHANGE),
    Command("explain", ("e",), "explain",
            "Say in full why the selected row is as it is, or what is to be known about the file.",
            "explain", (*_CHANGE, "import_file", "audit"), footer=("search", "audit"), spare=("contact",)),
    Command("copy", ("c",), "copy", "Copy the explanation as text to paste into a ticket.",
            "copy_explanation", (*_CHANGE, "explanation", "as_of"),
            footer=("contact", "explanation", "as_of")),
    Command("as_of", ("a",), "as of", "Answer: may we send, as of then, on both clocks?",
            "as_of", _CHANGE, footer=("contact",), spare=("search",)),
    Command("evidence", ("E",), "evidence pack",
            "Write all there is about the contact into a folder or ZIP that stands by itself, with a verifier.",
            "evidence", ("contact",), footer=("contact",), right=Right.EVIDENCE),
    Command("receipt", ("R",), "consent receipt",
            "Write the receipt of the selected subscription record, for the person it is about.",
            "receipt", ("contact",), spare=("contact",), right=Right.EVIDENCE),
    Command("erase", ("D",), "erase or delete person",
            "Erase the selected address, or delete the person; opt-outs hold all the same.",
            "erase", ("contact",), right=Right.ERASE),
    Command("section", ("tab",), "next part", "Go to the next part of the screen.",
            "next_section", ("contact", "audit"), footer=("audit",), in_palette=False),
    Command("new", ("n",), "new", "Make a new list or campaign.",
            "new", ("catalogue",), footer=("catalogue",), right=Right.CATALOGUE),
    Command("new", ("n",), "new role", "Give a role to somebody who has none yet.",
            "new", ("care",), footer=("care",), right=Right.ROLES),
    Command("end", ("d",), "archive or delete",
            "Archive the selected list, or delete the selected campaign or mapping; all of it is for good.",
            "end", ("catalogue",), footer=("catalogue",), right=Right.CATALOGUE),
    Command("end", ("d",), "archive or delete", "Delete the selected mapping, for good.",
            "end", ("mappings",), footer=("mappings",), right=Right.IMPORT),
    Command("go_on", ("f",), "forward", "Go forward to the next step; the last one asks before anything is written.",
            "go_on", ("import_file", "compare"), footer=("import_file", "compare")),
    Command("mappings", ("b",), "saved mappings",
            "Bring back how files with the same header were read before, or delete a saved mapping.",
            "mappings", ("import_file",), footer=("import_file",)),
    Command("layout", ("h",), "how it is written",
            "Correct how the file is written: its encoding, its delimiter, whether it has a header.",
            "layout", ("import_file",)),
    Command("save", ("s",), "save",
            "Save what the page is about under a name: the mapping, the refused rows, one side of a comparison.",
            "save", ("import_file", "compare"), footer=("import_file", "compare")),
    Command("save", ("s",), "save as CSV",
            "Save as a CSV file: every row that fits the filter, or every record that lacks something.",
            "save", ("audit", "incomplete"), footer=("audit", "incomplete"), right=Right.AUDIT),
    Command("save", ("s",), "save head",
            "Save where the chains end as a file, to be kept elsewhere and held against the ledger later.",
            "save", ("care",), footer=("care",)),
    Command("verify", ("V",), "verify", "Walk the chains and every state, and say what does not fit.",
            "verify", ("care",), footer=("care",)),
    Command("hold", ("H",), "hold against head", "Verify, and hold the ledger against a head that was kept elsewhere.",
            "hold", ("care",), spare=("care",)),
    Command("back_up", ("B",), "back up", "Write a verified copy of the ledger, while it is in use.",
            "back_up", ("care",), footer=("care",), right=Right.BACK_UP),
    Command("resume", ("r",), "resume", "Go on with an import that was cancelled or interrupted.",
            "resume", ("imports", "import_file"), footer=("imports",), right=Right.IMPORT),
    Command("withdraw", ("w",), "withdraw",
            "Withdraw an import: retract every opt-in that it recorded; its opt-outs stay.",
            "withdraw", ("imports", "import_file"), footer=("imports",), right=Right.IMPORT),
    Command("import", ("m",), "import", "Import a file of consents or opt-outs.",
            "app.import_file", (*_OUT, "compare"), footer=("search", "imports"), right=Right.IMPORT),
    Command("imports", ("p",), "earlier imports", "See the imports made so far.",
            "app.imports", _beside("imports")),
    Command("catalogue", ("l",), "lists and campaigns", "See, make, edit and archive lists and campaigns.",
            "app.catalogue", _beside("catalogue")),
    Command("compare", ("v",), "compare", "Hold a sending platform's suppression list against the ledger.",
            "app.compare", _OUT, right=Right.TAKE_OUT),
    Command("export", ("u",), "export",
            "Write into a file who is opted out, or who is subscribed, on a channel or a list.",
            "app.export", _OUT, footer=("catalogue",), right=Right.TAKE_OUT),
    Command("audit", ("t",), "audit trail",
            "See every event and every action of an operator, as charts too, and check what evidence lacks.",
            "app.audit", _beside("audit"), spare=("search", "care"), right=Right.AUDIT),
    Command("care", ("z",), "the ledger itself",
            "See which ledger this is and who may do what; verify it, back it up, save its head, give roles.",
            "app.care", _beside("care"), spare=("search", "audit")),
    Command("confirm", ("y",), "yes, do it", "Do what the dialog says; in a text field, press escape first.",
            "confirm", CONFIRMING, footer=CONFIRMING, in_palette=False),
    Command("confirm", ("y",), "apply", "Show what fits the fields; in a text field, press escape first.",
            "confirm", ("filter",), footer=("filter",), in_palette=False),
    Command("back", ("escape",), "back", "Leave the text field, then this screen: one level at a time.",
            "back", (*BROWSE, *DIALOGS, "help"),
            footer=(*DIALOGS, "help", "import_file", "imports", "catalogue", "compare", "audit", "incomplete",
                    "care"),
            in_palette=False),
    Command("down", ("j", "down"), "down", "One row down.", "cursor_down", (LIST,), in_palette=False),
    Command("up", ("k", "up"), "up", "One row up.", "cursor_up", (LIST,), in_palette=False),
    Command("page_down", ("pagedown", "space"), "page down", "One page down.", "page_down", (LIST,),
            in_palette=False),
    Command("page_up", ("pageup",), "page up", "One page up.", "page_up", (LIST,), in_palette=False),
    Command("first", ("g", "home"), "first row", "The first row.", "first", (LIST,), in_palette=False),
    Command("last", ("G", "end"), "last row", "The last row that is loaded; again for more.", "last", (LIST,),
            in_palette=False),
    Command("theme", ("T",), "light or dark", "Change between the light and the dark theme.",
            "app.theme", BROWSE),
    Command("palette", ("ctrl+p",), "commands", "Find a command by its words.",
            "app.command_palette", (EVERYWHERE,), in_palette=False),
    Command("quit", ("q",), "quit", "Leave the desk.", "app.quit", ("search",)),
    Command("quit_everywhere", ("ctrl+q",), "quit", "Leave the desk, from everywhere.",
            "app.quit", (EVERYWHERE,), in_palette=False),
    Command("help", ("question_mark", "f1"), "help", "The keys of this screen.",
            "app.help", (*BROWSE, *DIALOGS)),
)
# fmt: on

_KEY_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "f1": "F1",
    "home": "Home",
    "end": "End",
}


def key_name(key: str) -> str:
    """A key as it is written on the screen: ``^p`` for ``ctrl+p``."""
    return _KEY_NAMES.get(key, key.replace("ctrl+", "^"))


def is_text(key: str) -> bool:
    """Whether the key writes something in a text field."""
    return len(key) == 1 or key in {"slash", "question_mark", "space"}


def commands_of(place: str) -> Iterator[Command]:
    """The commands that are live in ``place``, in the order of the table."""
    return (command for command in COMMANDS if place in command.places)


def right_of(action: str, place: str) -> Right | None:
    """What a role needs for an action of ``place``; ``None`` where everybody may."""
    return next((each.right for each in commands_of(place) if each.action == action), None)


def bindings_for(place: str) -> list[BindingType]:
    """The key bindings of a screen, of the row list (`LIST`) or of the app (`EVERYWHERE`)."""
    return [
        Binding(",".join(command.keys), command.action, command.words, show=False,
                priority=place == EVERYWHERE, id=f"{place}.{command.id}")
        for command in commands_of(place)
    ]  # fmt: skip


def _always(_right: Right | None) -> bool:
    return True


def footer_of(
    place: str,
    *,
    in_field: bool,
    may: Callable[[Right | None], bool] = _always,
    most: int = MOST_IN_FOOTER,
) -> list[tuple[Command, str]]:
    """What the footer of ``place`` shows, each with the key that works: at most ``most``, the last one help.

    What the role ``may`` not do comes after what it may, and where there is no room for all, it is left out.
    """
    if in_field:
        shown = [each for each in COMMANDS if each.id in _IN_FIELDS]
        shown = [each for each in shown if place in each.places or EVERYWHERE in each.places]
        if place not in BROWSE:
            shown = [each for each in shown if each.id != "palette"]
    else:
        own = [each for each in commands_of(place) if place in each.footer]
        shown = [each for each in own if may(each.right)]
        shown += [each for each in commands_of(place) if place in each.spare and may(each.right)]
        shown += [each for each in own if not may(each.right)]
    keyed = [(each, each.key_for(in_field=in_field)) for each in shown if each.id != "help"]
    chosen = [(each, key) for each, key in keyed if key is not None][: most - 1]
    helping = next(each for each in COMMANDS if each.id == "help")
    return [*chosen, (helping, helping.key_for(in_field=in_field) or "f1")]
