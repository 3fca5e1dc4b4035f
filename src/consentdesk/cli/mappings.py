"""Saved mappings: how files with a certain header are read. `import --save-mapping` makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.import_options import saved_mapping
from consentdesk.cli.import_words import NAME_CELLS
from consentdesk.cli.options import AsJson, open_to_read, operator_origin, settings_of
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.display import plain, when
from consentdesk.display.json_imports import mapping_json
from consentdesk.ledger.faults import LedgerFault

if TYPE_CHECKING:
    from consentdesk.doors.choices import Choices
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.settings import Settings

mappings = typer.Typer(
    help="Saved mappings: how files with a certain header are read.", rich_markup_mode=None
)

_HEADER_CELLS = 80


@mappings.command("list")
def list_mappings(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every saved mapping."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.mappings()
    if as_json:
        say_json([mapping_json(each) for each in found])
        return
    if not found:
        say("There are no saved mappings yet: `import --save-mapping NAME` makes one.")
    say_table(
        (
            plain(each.name, NAME_CELLS),
            plain(each.settings.get("kind", "")),
            when(each.saved_at, settings.zone),
            plain(each.operator, NAME_CELLS),
            plain(", ".join(each.header), _HEADER_CELLS),
        )
        for each in found
    )


@mappings.command("delete")
def delete_mapping(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    as_json: AsJson = False,
) -> None:
    """Delete a saved mapping; what was imported with it stays."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        mapping = saved_mapping(ledger, name)
        ledger.delete_mapping(mapping.name, operator_origin(settings))
    if as_json:
        say_json(mapping_json(mapping))
    else:
        say(f"Deleted: the mapping “{plain(mapping.name, NAME_CELLS)}”.")


def columns_of_its_own(header: Sequence[str]) -> tuple[str, ...]:
    """The header of the file that a refused-rows file was made from; any other file's own."""
    from consentdesk.doors.mended import REPORT_COLUMNS, is_refused_rows_file

    if not is_refused_rows_file(header):
        return tuple(header)
    return tuple(name for name in header if name.strip().casefold() not in REPORT_COLUMNS)


def save_mapping(
    ledger: Ledger, name: str, header: Sequence[str], choices: Choices, settings: Settings
) -> bool:
    """Save how files with a header are read, once one of them is recorded; whether it could be, said either way."""
    from consentdesk.doors.choices import as_settings

    try:
        ledger.save_mapping(name, columns_of_its_own(header), as_settings(choices), operator_origin(settings))
    except LedgerFault as fault:
        note(f"The mapping '{plain(name.strip(), NAME_CELLS)}' was not saved. {fault}")
        return False
    note(f"The mapping '{plain(name.strip(), NAME_CELLS)}' is saved.")
    return True
