"""Importing: the verb `import`, with all that can be said about a file."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from consentdesk.cli.import_options import (
    CampaignOption,
    DateOrderOption,
    DelimiterOption,
    EncodingOption,
    FieldsOption,
    FileChannelOption,
    FileListOption,
    FileOptions,
    HeaderOption,
    KindOption,
    MappingOption,
    ReasonOption,
    SaveMappingOption,
)
from consentdesk.cli.import_run import Asked, carry_out
from consentdesk.cli.options import AsJson, RegionOption, invocation_of, settings_of
from consentdesk.cli.plan_words import read_fingerprint, read_group
from consentdesk.cli.tables import usable_file
from consentdesk.ledger.faults import BadRequest

_SHOWN = 100


def import_file(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A table as text, such as CSV, or a bare list.")
    ],
    kind: KindOption = None,
    campaign: CampaignOption = None,
    channel: FileChannelOption = None,
    list_name: FileListOption = None,
    reason: ReasonOption = None,
    columns: FieldsOption = None,
    mapping: MappingOption = None,
    save_mapping: SaveMappingOption = None,
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    has_header: HeaderOption = None,
    date_order: DateOrderOption = None,
    region: RegionOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the plan; nothing is written.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm the import; not needed to try it.")] = False,
    planned: Annotated[
        str | None,
        typer.Option("--plan", metavar="FINGERPRINT", help="Only what a dry run of this fingerprint showed."),
    ] = None,
    allowed: Annotated[
        int | None,
        typer.Option(
            "--allow-resubscribe",
            metavar="N",
            min=0,
            help="How many may come back after an opt-out, exactly.",
        ),
    ] = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="OUT.csv", help="Write the refused rows there.")
    ] = None,
    show: Annotated[
        str | None,
        typer.Option("--show", metavar="NAME", help="In a dry run: the rows behind one count or code."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="How many of these at most.")
    ] = _SHOWN,
    as_json: AsJson = False,
) -> None:
    """Import a file: statuses, a suppression list, carrier deactivations or sign-ups.

    The whole file is planned first; then what the plan says is recorded, or nothing. Whoever would come back
    after an opt-out needs --allow-resubscribe with their exact number. Exit code 1 when any row was refused; the
    others are recorded all the same.
    """
    if not dry_run and not yes:
        raise BadRequest("Nothing was imported: try it with --dry-run, and add --yes to record it.")
    if show is not None and not dry_run:
        raise BadRequest("--show looks at the rows of a plan: add --dry-run.")
    asked = Asked(
        FileOptions(
            file=file,
            kind=kind,
            campaign=campaign,
            channel=channel,
            list_name=list_name,
            reason=reason,
            columns=tuple(columns or ()),
            mapping=mapping,
            encoding=encoding,
            delimiter=delimiter,
            has_header=has_header,
            date_order=date_order,
            region=region,
        ),
        invocation_of(ctx),
        settings_of(ctx, region),
        save_mapping=save_mapping,
        is_dry_run=dry_run,
        planned=read_fingerprint(planned) if planned is not None else None,
        allowed=allowed,
        errors=errors,
        group=read_group(show) if show is not None else None,
        limit=limit,
        as_json=as_json,
    )
    with usable_file(), ExitStack() as stack:
        carry_out(asked, stack)
