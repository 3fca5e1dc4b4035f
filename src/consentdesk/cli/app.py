"""Every verb in one table: what `consentdesk --help` shows, and what is said before a verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from consentdesk import __version__
from consentdesk.cli import catalogue, changing, importing, imports_verbs, mappings, out, reading, upkeep
from consentdesk.cli.desk import open_desk
from consentdesk.cli.options import Invocation, RegionOption, settings_of

EXIT_CODES = (
    "Exit codes: 0 done; 1 something was refused, may not be sent, does not fit, or stopped an import half way; "
    "2 wrong use or unusable input, with one sentence on standard error and nothing written; 130 interrupted by "
    "Ctrl+C, with what was recorded told."
)

app = typer.Typer(
    name="consentdesk",
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)

VERBS: dict[str, Callable[..., None]] = {
    "search": reading.search,
    "show": reading.show,
    "may-send": reading.may_send,
    "opt-out": changing.opt_out,
    "opt-in": changing.opt_in,
    "retract": changing.retract,
    "import": importing.import_file,
    "export": out.export,
    "compare": out.compare,
    "verify": upkeep.verify,
    "rebuild": upkeep.rebuild,
    "demo": upkeep.demo,
}

for name, verb in VERBS.items():
    app.command(name)(verb)
app.add_typer(catalogue.lists, name="lists")
app.add_typer(catalogue.campaigns, name="campaigns")
app.add_typer(imports_verbs.imports, name="imports")
app.add_typer(mappings.mappings, name="mappings")


def _show_version(is_asked: bool) -> None:
    if is_asked:
        print(f"consentdesk {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
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
        open_desk(settings_of(ctx))
