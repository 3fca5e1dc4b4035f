"""How lists and campaigns read: in full, and where one of them is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from consentdesk.display import (
    campaign_kind_words,
    campaign_status_words,
    count,
    legal_basis_words,
    plain,
    plain_block,
    scope_words,
    when,
)
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.vocabulary import CampaignStatus, Channel

_NAME_CELLS = 60
_ORDER = (CampaignStatus.ACTIVE, CampaignStatus.SCHEDULED, CampaignStatus.PAST, CampaignStatus.DELETED)


def list_told(view: ListView, zone: tzinfo) -> str:
    """All about a list, as plain lines."""
    name = scope_words(view.channel, view.name)
    lines = [f"{name[0].upper()}{name[1:]}, made on {when(view.created_at, zone)}."]
    if view.archived_at is None:
        who = "contact point is" if view.subscribed == 1 else "contact points are"
        lines.append(f"{count(view.subscribed)} {who} subscribed to it now.")
    else:
        lines.append(
            f"Archived on {when(view.archived_at, zone)}, which ended its open records: nobody can opt in to "
            "it any more."
        )
    return "\n".join(lines)


def campaign_told(view: CampaignView, zone: tzinfo) -> str:
    """All about a campaign, as plain lines."""
    lines = [
        f"“{plain(view.name)}”, {campaign_kind_words(view.kind)}, {campaign_status_words(view.status)}: "
        f"{count(view.opt_ins)} opt-ins recorded under it.",
        _running_time(view, zone),
    ]
    fed = "; ".join(scope_words(channel, name) for channel, name in view.feeds)
    lines.append(f"Feeds {fed or 'all lists'}.")
    if view.word is not None:
        lines.append(f"People text “{plain(view.word)}”.")
    basis = legal_basis_words(view.legal_basis) or "none"
    lines.append(f"Legal basis: {basis}. {view.versions} version{'s' * (view.versions != 1)} of its terms.")
    if view.purpose is not None:
        lines.append(f"Purpose: {plain(view.purpose)}")
    lines.append(f"Wording shown: {plain_block(view.wording) if view.wording else 'none is kept.'}")
    return "\n".join(lines)


def campaigns_for(
    campaigns: Iterable[CampaignView], channel: Channel, list_name: str | None
) -> list[tuple[str, str]]:
    """Campaigns to choose from: those that run and feed the scope, then all others, each saying why it is
    behind. A past one may well be right for an opt-in that is recorded late."""

    def place(each: CampaignView) -> tuple[bool, int, str]:
        return not feeds(each, channel, list_name), _ORDER.index(each.status), each.name.casefold()

    return [(_words(each, channel, list_name), each.name) for each in sorted(campaigns, key=place)]


def feeds(campaign: CampaignView, channel: Channel, list_name: str | None) -> bool:
    """Whether people opt in to the list here; a campaign that names no list feeds all of them."""
    return list_name is None or not campaign.feeds or (channel, list_name) in campaign.feeds


def _words(campaign: CampaignView, channel: Channel, list_name: str | None) -> str:
    parts = [plain(campaign.name, _NAME_CELLS), campaign_kind_words(campaign.kind)]
    if campaign.status is not CampaignStatus.ACTIVE:
        parts.append(campaign_status_words(campaign.status))
    if not feeds(campaign, channel, list_name):
        parts.append("does not feed this list")
    return " · ".join(parts)


def campaigns_to_choose(campaigns: Iterable[CampaignView]) -> list[tuple[str, str]]:
    """The same for a file, whose lists are not known beforehand."""
    return [
        (_words(each, Channel.EMAIL, None), each.name)
        for each in sorted(campaigns, key=lambda each: (_ORDER.index(each.status), each.name.casefold()))
    ]


def _running_time(view: CampaignView, zone: tzinfo) -> str:
    starts = f"from {when(view.starts, zone)}" if view.starts is not None else "always"
    ends = f" until {when(view.ends, zone)}" if view.ends is not None else ""
    deleted = f"; deleted on {when(view.deleted_at, zone)}" if view.deleted_at is not None else ""
    return f"Runs {starts}{ends}{deleted}."
