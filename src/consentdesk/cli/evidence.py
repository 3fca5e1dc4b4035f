"""Handing over evidence: `evidence` and `receipt`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import amount
from consentdesk.cli.moments import as_of
from consentdesk.cli.options import (
    AsJson,
    ChannelOption,
    ListOption,
    MapOption,
    RegionOption,
    open_to_read,
    operator_origin,
    settings_of,
)
from consentdesk.cli.output import note, say, say_json
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.tables import read_mapping, usable_file
from consentdesk.display import plain
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.completeness import Profile
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.ledger.dossier_views import Wanted
    from consentdesk.ledger.integrity_views import Head
    from consentdesk.reports.evidence.question import PackReport


def evidence(
    ctx: typer.Context,
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="ADDRESS", help="Email addresses or phone numbers.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="A folder that is not there yet, or a .zip file."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="LIST.csv", help="Everybody on a list, in any spelling.")
    ] = None,
    mapping: MapOption = None,
    channel: Annotated[
        Channel | None, typer.Option("--channel", case_sensitive=False, help="Only this channel.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            metavar="T",
            help="Answer for the end of this day, minute or second (repeat it for more); now if unsaid.",
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="K", help="Go by what was known at its end; now if unsaid."),
    ] = None,
    profile: Annotated[
        Profile, typer.Option("--profile", case_sensitive=False, help="What a record has to have.")
    ] = Profile.GDPR_ART_7,
    without_notes: Annotated[
        bool, typer.Option("--without-notes", help="Withhold notes, explanations and references.")
    ] = False,
    head: Annotated[
        Path | None,
        typer.Option(
            "--head", metavar="HEAD.json", help="Show that the ledger goes on from a head kept elsewhere."
        ),
    ] = None,
    region: RegionOption = None,
    as_json: AsJson = False,
) -> None:
    """Write an evidence pack.

    For each address a page that can be read out, the same as JSON, and what proves it, with a verifier for the
    other side that needs nothing but Python. Given --file, rows that cannot be read are told in the pack's index.
    """
    settings = settings_of(ctx, region)
    if out is None:
        raise BadRequest(
            "Say where the pack goes: --out PATH, a folder that is not there yet or a .zip file."
        )
    if mapping and file is None:
        raise BadRequest("--map says how to read a file: give one with --file.")
    if not addresses and file is None:
        raise BadRequest("Give one address or more, or --file with a list of them.")
    from consentdesk.ledger.dossier_views import Wanted
    from consentdesk.reports.evidence.pack import write_pack
    from consentdesk.reports.evidence.question import PackQuestion

    question = PackQuestion(
        moments=tuple(
            moment for text in at or () if (moment := as_of(text, settings.zone, "--at")) is not None
        ),
        known_at=as_of(known_at, settings.zone, "--known-at"),
        zone=settings.zone,
        profile=profile,
        region=settings.region,
        with_notes=not without_notes,
        kept=_kept(head),
    )
    with usable_file(), open_to_read(settings) as ledger, ProgressLine("addresses") as progress:
        wanted = [Wanted(text, channel) for text in addresses or ()]
        if file is not None:
            wanted += _listed(file, mapping or [], channel)
        report = write_pack(ledger, wanted, out, question, operator_origin(settings), progress=progress.show)
    assert report is not None  # nobody asks for it to be cancelled here
    if as_json:
        say_json(_report_json(report))
    else:
        _tell(report)


def receipt(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address or phone number.")],
    channel: ChannelOption,
    list_name: ListOption = None,
    event: Annotated[
        int | None,
        typer.Option(
            "--event", metavar="N", help="The opt-in that opened the record; the open or last one if unsaid."
        ),
    ] = None,
    controller: Annotated[
        str | None,
        typer.Option("--controller", metavar="NAME", help="The organisation that asks for the consent."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there instead of to standard output.")
    ] = None,
    region: RegionOption = None,
    as_json: AsJson = False,
) -> None:
    """Write a consent receipt for one subscription record.

    JSON-LD with the terms of the W3C Data Privacy Vocabulary, as in its guide on ISO/IEC TS 27560. What the ledger does
    not know is left out.
    """
    from consentdesk.reports.evidence.receipt import receipt_file, receipt_of, written

    settings = settings_of(ctx, region)
    with usable_file(), open_to_read(settings) as ledger, ExitStack() as unfinished:
        file = unfinished.enter_context(receipt_file(out)) if out is not None else None
        found = written(
            receipt_of(
                ledger,
                address,
                channel,
                operator_origin(settings),
                list_name=list_name,
                event=event,
                controller=controller,
            )
        )
        if file is not None:
            file.write(found)
    if out is None:
        print(found, end="")
    elif as_json:
        say_json({"file": str(out)})
    else:
        say(f"The receipt is in {plain(str(out))}.")


def _kept(path: Path | None) -> Head | None:
    if path is None:
        return None
    from consentdesk.doors.head_file import open_head

    return open_head(path)


def _listed(path: Path, options: Sequence[str], channel: Channel | None) -> Iterator[Wanted]:
    """Everybody on a list: every column of addresses that is recognised, or those that were mapped."""
    from consentdesk.doors.listed_addresses import listed_addresses
    from consentdesk.ledger.dossier_views import Wanted

    for row, text in listed_addresses(path, read_mapping(options), channel):
        yield Wanted(text, channel, row)


def _report_json(report: PackReport) -> dict[str, object]:
    from consentdesk.display.json_head import head_json

    return {
        "path": str(report.path),
        "addresses": report.addresses,
        "never_seen": report.never_seen,
        "unreadable": report.unreadable,
        "duplicates": report.duplicates,
        "events": report.events,
        "manifest_sha256": report.manifest_sha256,
        "head": head_json(report.head),
    }


def _tell(report: PackReport) -> None:
    say(f"The pack is at {plain(str(report.path))}: open its index.html.")
    say(
        f"{amount(report.addresses, 'address', 'addresses')} on record with {amount(report.events, 'event')}, "
        f"{report.never_seen:,} not on record, {report.unreadable:,} that cannot be read"
        + (
            f"; {amount(report.duplicates, 'entry', 'entries')} named one a second time."
            if report.duplicates
            else "."
        )
    )
    say(f"Manifest SHA-256 {report.manifest_sha256}: tell it to the other side in the covering letter.")
    say(
        "They check it with `python verify.py --manifest SHA256`, in the unpacked folder; the index says more."
    )
    if report.unreadable:
        note("Some entries are no addresses: the index names them with their rows.")
