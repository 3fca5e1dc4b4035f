"""Every verb in one table: what `consentdesk --help` shows, and what is said before a verb.

Reading the options of every verb takes as long as looking up a contact. So a command line that names its
verb is read by that verb alone; the help and whatever names none are read by all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from consentdesk import __version__
from consentdesk.cli.desk import SAID_BEFORE, open_desk
from consentdesk.cli.options import Invocation, RegionOption, settings_of

EXIT_CODES = (
    "Exit codes: 0 done; 1 something was refused, may not be sent, does not fit, or stopped an import half way; "
    "2 wrong use or unusable input, with one sentence on standard error and nothing written; 130 interrupted by "
    "Ctrl+C, with what was recorded told."
)

VERBS = {
    "search": "reading.search",
    "show": "reading.show",
    "may-send": "reading.may_send",
    "opt-out": "changing.opt_out",
    "opt-in": "changing.opt_in",
    "retract": "changing.retract",
    "import": "importing.import_file",
    "export": "out.export",
    "compare": "out.compare",
    "evidence": "evidence.evidence",
    "receipt": "evidence.receipt",
    "verify": "upkeep.verify",
    "head": "upkeep.head",
    "backup": "copies.backup",
    "restore": "copies.restore",
    "rebuild": "upkeep.rebuild",
    "erase": "erasing.erase",
    "demo": "upkeep.demo",
    "lists": "catalogue.lists",
    "campaigns": "catalogue.campaigns",
    "imports": "imports_verbs.imports",
    "mappings": "mappings.mappings",
    "backups": "copies.backups",
    "audit": "audit.audit",
    "persons": "erasing.persons",
    "roles": "roles.roles",
}
"""Where each verb is, in the order of the help; the last ones have verbs of their own."""


def command_line(verb: str | None = None) -> typer.Typer:
    """The whole command line, or that of one verb, for which nothing of the others is imported."""
    app = typer.Typer(
        name="consentdesk",
        epilog=EXIT_CODES,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback(invoke_without_command=True)(consentdesk)
    for name in VERBS if verb is None else (verb,):
        module, _, place = VERBS[name].partition(".")
        found = getattr(import_module(f"consentdesk.cli.{module}"), place)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def verb_of(arguments: Sequence[str]) -> str | None:
    """The verb that a command line names, ``None`` where that takes the whole command line to tell."""
    words = iter(arguments)
    for word in words:
        option, has_text, _ = word.partition("=")
        if option in SAID_BEFORE:
            if not has_text:
                next(words, None)
        else:
            return word if word in VERBS else None
    return None


def _show_version(is_asked: bool) -> None:
    if is_asked:
        print(f"consentdesk {__version__}")
        raise typer.Exit


def consentdesk(
    ctx: typer.Context,
    ledger: Annotated[
        str | None,
        typer.Option(
            "--ledger",
            metavar="WHERE",
            help="A path or sqlite:///PATH; CONSENTDESK_LEDGER or your data directory if unsaid.",
        ),
    ] = None,
    operator: Annotated[
        str | None,
        typer.Option("--operator", metavar="NAME", help="Who works here; your login name if unsaid."),
    ] = None,
    region: RegionOption = None,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="TZ", help="Zone of times that name none; UTC if unsaid."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Look up, change, import and explain who may be emailed or texted. Without a verb, opens the desk."""
    ctx.obj = Invocation(ledger, operator, region, timezone)
    if ctx.invoked_subcommand is None:
        raise typer.Exit(open_desk(settings_of(ctx)))
