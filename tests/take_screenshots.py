"""Take the pictures of `screenshots/` from the running desk over the demo ledger.

Run ``.venv/bin/python tests/take_screenshots.py`` after the README's test line. Each picture is what the
desk painted, as SVG; the fonts are whatever the viewer has, so that looking at a picture loads nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input, Select

from consentdesk import settings
from consentdesk.demo import build_demo
from consentdesk.rules.facts import Moment
from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
EXPORTS = FOLDER.parent / "data" / "exports"
SIZES = ((80, 24), (160, 45))
NOW = Moment(1_790_000_000_000_000)
TICKET = "pls stop texting me on 0491 570 156 thx"

PEOPLE = """\
email,phone,first_name,external_id,email_subscription_status,sms_subscription_status,consented_at
maya.okafor@example.com,0491 570 156,Maya,C-00001,subscribed,unsubscribed,
new.face@example.com,0491 570 110,Noa,N-1,subscribed,subscribed,2026-03-01
ingrid.solheim@example.org,+44 20 7946 0123,Ingrid,,subscribed,subscribed,2026-03-02
not-an-address,12,Nemo,N-2,subscribed,maybe,
second.face@example.net,,Sam,N-3,unsubscribed,,
"""

Way = Callable[[Pilot[None], Path], Awaitable[None]]


async def keys(pilot: Pilot[None], *pressed: str) -> None:
    """Press keys, each after what the one before it asked for has been answered."""
    for key in pressed:
        await pilot.press(key)
        await rest(pilot)


async def rest(pilot: Pilot[None]) -> None:
    """Wait until everything asked for is on the screen."""
    await pilot.pause(0.2)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause(0.1)


async def search(pilot: Pilot[None], text: str) -> None:
    """Type into the search box and go to the results."""
    pilot.app.screen.query_one(Input).value = text
    await rest(pilot)
    await keys(pilot, "down")


async def home(pilot: Pilot[None], _: Path) -> None:
    """The search screen as it opens."""


async def ticket(pilot: Pilot[None], _: Path) -> None:
    """A pasted ticket."""
    await search(pilot, TICKET)


async def contact(pilot: Pilot[None], _: Path) -> None:
    """A contact with a story."""
    await search(pilot, "maya.okafor@example.com")
    await keys(pilot, "enter")


async def explanation(pilot: Pilot[None], file: Path) -> None:
    """Why a state is as it is."""
    await contact(pilot, file)
    await keys(pilot, "e")


async def as_of(pilot: Pilot[None], file: Path) -> None:
    """May we send, as of then?"""
    await contact(pilot, file)
    await keys(pilot, "a")


async def opt_out(pilot: Pilot[None], file: Path) -> None:
    """Opting out."""
    await ticket(pilot, file)
    await keys(pilot, "o")


async def opt_in(pilot: Pilot[None], _: Path) -> None:
    """Opting in, refused before anything is written."""
    await search(pilot, "ingrid.solheim@example.org")
    await keys(pilot, "i")
    pilot.app.screen.query_one("#campaign", Select).value = "Website form"
    await rest(pilot)


async def retract(pilot: Pilot[None], file: Path) -> None:
    """Retracting an opt-in that was recorded in error."""
    await contact(pilot, file)
    for _ in range(40):
        await keys(pilot, "j", "x")
        if type(pilot.app.screen).__name__ == "Retract":
            return
    raise SystemExit("No opt-in of the contact could be retracted.")


async def import_columns(pilot: Pilot[None], file: Path) -> None:
    """The columns of a file as they were recognised."""
    await keys(pilot, "escape", "m")
    field = pilot.app.screen.query_one("#path", Input)
    field.focus()
    field.post_message(Paste(str(file)))
    await rest(pilot)
    await keys(pilot, "enter")
    pilot.app.screen.query_one("#campaign", Select).value = "Website form"
    await rest(pilot)


async def import_plan(pilot: Pilot[None], file: Path) -> None:
    """What the import would do."""
    await import_columns(pilot, file)
    pilot.app.screen.set_focus(None)
    await keys(pilot, "f")


async def import_confirm(pilot: Pilot[None], file: Path) -> None:
    """The count that is typed before anything is written."""
    await import_plan(pilot, file)
    await keys(pilot, "f")


async def import_known(pilot: Pilot[None], _: Path) -> None:
    """A Mailchimp export, recognised by its columns."""
    await import_columns(pilot, Path("exports/mailchimp-subscribed.csv"))


async def import_result(pilot: Pilot[None], file: Path) -> None:
    """What an import did, and what can be done about it."""
    await import_confirm(pilot, file)
    changes = pilot.app.screen.query_one("#changes", Input)
    changes.value = changes.placeholder.removeprefix("type ")
    await keys(pilot, "y")


async def withdraw(pilot: Pilot[None], file: Path) -> None:
    """Withdrawing the import: what ends, what stays, and the count to type."""
    await imports(pilot, file)
    await keys(pilot, "w")


async def compare(pilot: Pilot[None], _: Path) -> None:
    """A platform's suppression list against the ledger."""
    await keys(pilot, "escape", "v")
    field = pilot.app.screen.query_one("#path", Input)
    field.post_message(Paste("exports/mailchimp-unsubscribed.csv"))
    await rest(pilot)
    await keys(pilot, "enter")


async def export(pilot: Pilot[None], _: Path) -> None:
    """Exporting a list."""
    await keys(pilot, "escape", "l", "u")


async def imports(pilot: Pilot[None], _: Path) -> None:
    """Earlier imports."""
    await keys(pilot, "escape", "p")


async def catalogue(pilot: Pilot[None], _: Path) -> None:
    """Lists and campaigns."""
    await keys(pilot, "escape", "l")


async def help_screen(pilot: Pilot[None], _: Path) -> None:
    """The keys of the contact screen."""
    await keys(pilot, "escape", "question_mark")


async def audit(pilot: Pilot[None], _: Path) -> None:
    """Everything that was recorded and done, newest first."""
    await keys(pilot, "escape", "t", "j", "j")


async def audit_charts(pilot: Pilot[None], file: Path) -> None:
    """The same as charts."""
    await audit(pilot, file)
    await keys(pilot, "tab")


async def audit_check(pilot: Pilot[None], file: Path) -> None:
    """Which records lack their evidence."""
    await audit_charts(pilot, file)
    await keys(pilot, "tab")


async def evidence_pack(pilot: Pilot[None], file: Path) -> None:
    """Handing a contact's evidence over."""
    await contact(pilot, file)
    await keys(pilot, "E")


async def erase(pilot: Pilot[None], file: Path) -> None:
    """What an erasure takes and what it leaves."""
    await contact(pilot, file)
    await keys(pilot, "D")


WAYS: dict[str, Way] = {
    "search": home,
    "ticket": ticket,
    "contact": contact,
    "explanation": explanation,
    "as-of": as_of,
    "opt-out": opt_out,
    "opt-in": opt_in,
    "retract": retract,
    "import-columns": import_columns,
    "import-plan": import_plan,
    "import-confirm": import_confirm,
    "import-known": import_known,
    "imports": imports,
    "withdraw": withdraw,
    "compare": compare,
    "export": export,
    "catalogue": catalogue,
    "audit": audit,
    "audit-charts": audit_charts,
    "audit-check": audit_check,
    "evidence-pack": evidence_pack,
    "erase": erase,
    "help": help_screen,
    "import-result": import_result,
}


async def take(name: str, way: Way, ledger: Path, file: Path, size: tuple[int, int]) -> None:
    """Walk to a screen and keep what it shows."""
    own = ledger.parent / f"{name}-{size[0]}" / ledger.name
    own.parent.mkdir()
    shutil.copy(ledger, own)  # one picture's import is no part of the next one
    app = ConsentDeskApp(Settings(own, "anna", "AU"))
    async with app.run_test(size=size) as pilot:
        await rest(pilot)
        await way(pilot, file)
        svg = app.export_screenshot(title=f"Consent Desk - {name}")
    picture = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    picture = re.sub(r"terminal-\d+", "terminal", picture)
    picture = "\n".join(line.rstrip() for line in picture.splitlines() if line.strip()) + "\n"
    (FOLDER / f"{name}-{size[0]}x{size[1]}.svg").write_text(picture, encoding="utf-8")


def move_files(ledger: Path) -> None:
    """Let the demo's files lie where somebody's files lie: a picture tells nothing of the machine it is taken on."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("UPDATE imports SET path = '/home/olga/lists/' || file_name")
        connection.commit()


def main(wanted: list[str]) -> None:
    """Take the named pictures, or all of them."""
    settings.now = lambda: NOW
    Input.cursor_blink = False  # type: ignore[assignment]
    App.animation_level = "none"
    with tempfile.TemporaryDirectory() as folder:
        ledger, file = Path(folder) / "demo.db", Path("autumn-list.csv")
        build_demo(ledger, operator="anna")
        move_files(ledger)
        shutil.copytree(EXPORTS, Path(folder) / "exports")
        os.chdir(folder)  # so that the pictures show short paths
        file.write_text(PEOPLE, encoding="utf-8")
        Path.cwd = classmethod(lambda _: Path("/home/anna"))  # type: ignore[method-assign,assignment]
        for name, way in WAYS.items():
            for size in SIZES:
                if not wanted or name in wanted:
                    asyncio.run(take(name, way, ledger, file, size))
                    sys.stdout.write(f"{name} {size[0]}x{size[1]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
