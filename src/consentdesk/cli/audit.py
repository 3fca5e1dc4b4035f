"""Who did what, and which records lack their evidence: `audit`, `audit counts`, `audit campaigns`, `audit check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import amount
from consentdesk.cli.audit_options import (
    CampaignOption,
    DoorOption,
    ImportOption,
    OnChannelOption,
    OnListOption,
    OperatorOption,
    OutcomeOption,
    ReasonOption,
    SinceOption,
    UntilOption,
    WhatOption,
    audit_filter,
)
from consentdesk.cli.audit_told import (
    campaign_cell,
    entry_row,
    record_row,
    say_array,
    say_check,
    tell_check,
    tell_counts,
    tell_file,
)
from consentdesk.cli.options import AsJson, open_to_read, operator_origin, settings_of
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.running import REFUSED
from consentdesk.cli.tables import usable_file
from consentdesk.display.json_audit import audit_counts_json, audit_entry_json, campaign_records_json
from consentdesk.ledger.audit_views import AuditEntry, AuditFilter
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.completeness import Profile
from consentdesk.rules.facts import Moment
from consentdesk.rules.periods import Period
from consentdesk.settings import now

if TYPE_CHECKING:
    from consentdesk.ledger.evidence_views import IncompleteRecord
    from consentdesk.ledger.ledger import Ledger

_NEWEST = 50
_AT_ONCE = 500
_LAST_DAYS = 90
_DAY = 86_400_000_000

LimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help=f"How many at most; {_NEWEST} if unsaid.")
]
AllOption = Annotated[bool, typer.Option("--all", help="All of them.")]
CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write all of them there, as CSV.")
]

audit = typer.Typer(
    help="Who did what when: events and operator actions, counts of them, and an evidence check.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@audit.callback()
def show_audit(
    ctx: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    operator: OperatorOption = None,
    door: DoorOption = None,
    channel: OnChannelOption = None,
    list_name: OnListOption = None,
    campaign: CampaignOption = None,
    reason: ReasonOption = None,
    outcome: OutcomeOption = None,
    what: WhatOption = None,
    import_id: ImportOption = None,
    limit: LimitOption = None,
    is_all: AllOption = False,
    csv: CsvOption = None,
    as_json: AsJson = False,
) -> None:
    """Show events and operator actions, newest first; or count them, or check the evidence of open records.

    A reviewer's or an admin's. The outcome of an event is what became of it when it was recorded. An evidence pack is
    one line; --what evidence_given shows the contact points that packs were about.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings = settings_of(ctx)
    wanted = audit_filter(
        settings.zone,
        since=since,
        until=until,
        operator=operator,
        door=door,
        channel=channel,
        list_name=list_name,
        campaign=campaign,
        reason=reason,
        outcome=outcome,
        what=what,
        import_id=import_id,
    )
    most = _most(limit, is_all, csv)
    with open_to_read(settings) as ledger:
        if csv is not None:
            from consentdesk.reports.audit_file import write_audit

            with usable_file(), ProgressLine("entries") as progress:
                rows = write_audit(ledger, csv, wanted, operator_origin(settings), progress=progress.show)
            tell_file(csv, rows, as_json)
            return
        with ProgressLine("entries") as progress:
            shown = _Shown(most)
            pages = _pages(ledger, wanted, shown, progress)
            if as_json:
                say_array(audit_entry_json(each) for page in pages for each in page)
            else:
                for page in pages:
                    say_table(entry_row(each, settings.zone, is_short=what is None) for each in page)
        if not shown.rows:
            if not as_json:
                say("Nothing of that kind was recorded.")
            from consentdesk.cli.audit_hints import why_nothing

            for sentence in why_nothing(wanted, ledger):
                note(sentence)
    shown.tell_rest("These are the newest {}, and there may be older ones")


@audit.command("counts")
def show_counts(
    ctx: typer.Context,
    per: Annotated[
        Period, typer.Option("--per", case_sensitive=False, help="What is counted together.")
    ] = Period.DAY,
    since: SinceOption = None,
    until: UntilOption = None,
    operator: OperatorOption = None,
    door: DoorOption = None,
    channel: OnChannelOption = None,
    list_name: OnListOption = None,
    campaign: CampaignOption = None,
    reason: ReasonOption = None,
    outcome: OutcomeOption = None,
    import_id: ImportOption = None,
    as_json: AsJson = False,
) -> None:
    """Count opt-ins and opt-outs per day or week, and opt-outs by reason.

    Of the last 90 days, if neither --since nor --until nor --import is said. Every recorded one counts, at the time of
    recording.
    """
    settings = settings_of(ctx)
    wanted = audit_filter(
        settings.zone,
        since=since,
        until=until,
        operator=operator,
        door=door,
        channel=channel,
        list_name=list_name,
        campaign=campaign,
        reason=reason,
        outcome=outcome,
        import_id=import_id,
    )
    if wanted.until is None and import_id is None:
        wanted = replace(wanted, until=now())
    if since is None and until is None and import_id is None:
        wanted = replace(wanted, since=Moment(now() - _LAST_DAYS * _DAY))
    with open_to_read(settings) as ledger, ProgressLine("events") as progress:
        counts = ledger.audit_counts(wanted, per, settings.zone, progress.show)
    if as_json:
        say_json(audit_counts_json(counts, wanted, per, settings.zone))
    else:
        tell_counts(counts, wanted, per, settings.zone)


@audit.command("campaigns")
def show_campaigns(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Count the open records of each campaign."""
    with open_to_read(settings_of(ctx)) as ledger, ProgressLine("contact points") as progress:
        found = ledger.records_per_campaign(progress.show)
    if as_json:
        say_json(campaign_records_json(found))
        return
    if not found:
        say("Nobody is subscribed to anything.")
    say_table((campaign_cell(each.campaign), amount(each.open_records, "open record")) for each in found)


@audit.command("check")
def check_evidence(
    ctx: typer.Context,
    profile: Annotated[
        Profile, typer.Option("--profile", case_sensitive=False, help="What counts as complete.")
    ] = Profile.GDPR_ART_7,
    campaign: CampaignOption = None,
    records: Annotated[bool, typer.Option("--records", help="Show which records they are, too.")] = False,
    limit: LimitOption = None,
    is_all: AllOption = False,
    csv: CsvOption = None,
    as_json: AsJson = False,
) -> None:
    """Check which open records lack evidence, counted by campaign.

    gdpr-art-7 asks who, when, how, what they were told, and on what legal basis; tsr-310.5-a-8 asks, of SMS and
    WhatsApp, for name and number, the request as presented, its purpose and the date. Exit code 1 when any lacks
    something. With --csv, the incomplete records are written there.
    """
    settings = settings_of(ctx)
    most = _most(limit, is_all, csv)
    with open_to_read(settings) as ledger:
        with ProgressLine("contact points") as progress:
            check = ledger.check_evidence(profile, progress.show, campaign=campaign)
        if csv is not None:
            from consentdesk.reports.audit_file import write_incomplete

            with usable_file(), ProgressLine("records") as progress:
                rows = write_incomplete(
                    ledger,
                    csv,
                    profile,
                    operator_origin(settings),
                    campaign=campaign,
                    progress=progress.show,
                )
        shown = _Shown(most)
        pages = _incomplete(ledger, profile, campaign, shown) if records else iter(())
        if as_json:
            say_check(check, (each for page in pages for each in page) if records else None, csv)
        else:
            tell_check(check)
            for page in pages:
                say_table((record_row(each, settings.zone) for each in page), indent=2)
    shown.tell_rest("These are the first {} incomplete records, and there may be more")
    if csv is not None and not as_json:
        tell_file(csv, rows, as_json)
    if check.incomplete:
        raise typer.Exit(REFUSED)


def _most(limit: int | None, is_all: bool, csv: Path | None) -> int | None:
    """How many are to be shown, ``None`` for all."""
    if limit is not None and (is_all or csv is not None):
        raise BadRequest("--limit goes neither with --all nor with --csv, which take all: leave it out.")
    return None if is_all else limit or _NEWEST


@dataclass(slots=True)
class _Shown:
    """How many rows were shown, of how many at most (``None``: of all), and whether there may be more."""

    most: int | None
    rows: int = 0
    has_more: bool = False

    def next_limit(self) -> int:
        """How many to ask for next; 0 when there are enough."""
        return _AT_ONCE if self.most is None else min(_AT_ONCE, self.most - self.rows)

    def take(self, rows: int, *, has_more: bool) -> None:
        """A page more was found."""
        self.rows, self.has_more = self.rows + rows, has_more

    def tell_rest(self, sentence: str) -> None:
        """Say on standard error that there may be more than was shown."""
        if self.has_more:
            note(f"{sentence.format(f'{self.rows:,}')}: --all shows all of them, --limit N more.")


def _pages(
    ledger: Ledger, wanted: AuditFilter, shown: _Shown, progress: ProgressLine
) -> Iterator[Sequence[AuditEntry]]:
    """All that is sought up to so many, in pages that are not empty."""
    after = None
    while limit := shown.next_limit():
        page = ledger.audit(wanted, limit=limit, after=after)
        after = page.after
        shown.take(len(page.entries), has_more=after is not None)
        progress.show(shown.rows, None)
        if page.entries:
            progress.wipe()
            yield page.entries
        if after is None:
            return


def _incomplete(
    ledger: Ledger, profile: Profile, campaign: str | None, shown: _Shown
) -> Iterator[Sequence[IncompleteRecord]]:
    """The incomplete records up to so many, in pages that are not empty."""
    after = None
    while limit := shown.next_limit():
        page = ledger.incomplete_records(profile, campaign=campaign, limit=limit, after=after)
        after = page.after
        shown.take(len(page.records), has_more=after is not None)
        if page.records:
            yield page.records
        if after is None:
            return
