"""The command table: one letter, one meaning, and everything that shows keys is fed by it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from consentdesk.tui.commands import (
    BROWSE,
    COMMANDS,
    DIALOGS,
    EVERYWHERE,
    LIST,
    bindings_for,
    commands_of,
    footer_of,
    is_text,
)

PLACES = (*BROWSE, *DIALOGS, "help")


@pytest.mark.parametrize("place", PLACES)
def test_one_key_starts_one_command_in_a_place(place: str) -> None:
    """Wherever a key works, with the lists and the app around it, it starts exactly one command."""
    live = [*commands_of(place), *commands_of(LIST), *commands_of(EVERYWHERE)]
    keys = [key for command in live for key in command.keys if command.id != "results"]
    assert len(keys) == len(set(keys))


def test_one_letter_has_one_meaning_on_every_screen() -> None:
    """A letter belongs to the same command wherever it works."""
    meaning: dict[str, str] = {}
    for command in COMMANDS:
        for key in filter(is_text, command.keys):
            assert meaning.setdefault(key, command.id) == command.id


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("in_field", [True, False])
def test_the_footer_has_at_most_six_keys_and_always_help(place: str, in_field: bool) -> None:
    """The footer shows at most six keys, the last one is help, and in a field none of them is a letter."""
    shown = footer_of(place, in_field=in_field)
    assert 1 <= len(shown) <= 6
    assert shown[-1][0].id == "help"
    assert not (in_field and any(is_text(key) for _, key in shown))


def test_only_quit_and_palette_act_before_the_focused_widget() -> None:
    """Priority bindings act through modal screens, so there are no others than ctrl+p and ctrl+q."""
    everywhere = {key for command in commands_of(EVERYWHERE) for key in command.keys}
    assert everywhere == {"ctrl+p", "ctrl+q"}
    assert not any(getattr(binding, "priority", False) for place in PLACES for binding in bindings_for(place))


def test_no_command_confirms_with_the_key_that_opens_a_dialog() -> None:
    """The confirming key differs from every key that opens something."""
    confirming = {key for command in COMMANDS if command.id == "confirm" for key in command.keys}
    opening = {key for command in COMMANDS if command.id != "confirm" for key in command.keys}
    assert not confirming & opening


def test_the_desk_paints_before_it_loads_the_ledger() -> None:
    """Importing the desk imports none of the libraries that only an open ledger needs."""
    program = "import sys, consentdesk.tui.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"sqlmodel", "sqlalchemy", "phonenumbers", "pydantic", "alembic"} & {*done.stdout.split()}
