"""Opening the desk: the one place of the command line that knows Textual, and only when it is wanted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from consentdesk.cli.output import is_terminal
from consentdesk.ledger.faults import BadRequest

if TYPE_CHECKING:
    from consentdesk.settings import Settings


def require_terminal() -> None:
    """Refuse to draw into a file or a pipe. Raises `BadRequest`."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        raise BadRequest("The desk needs a terminal: run a verb instead, see `consentdesk --help`.")


def open_desk(settings: Settings) -> None:
    """Open the desk and stay until it is left."""
    require_terminal()
    from consentdesk.tui.app import run_desk

    code = run_desk(settings)
    if code:
        raise typer.Exit(code)
