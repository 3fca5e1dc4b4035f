"""What a text that somebody asks about names: an address on a channel, read by the rules."""

from __future__ import annotations

from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.addresses import Address, BadAddress, read_address, space_of_text
from consentdesk.rules.vocabulary import Channel, Space


def address_named(text: str, channel: Channel | None, region: str | None) -> Address:
    """What a text names: an address on a known channel, or whatever kind of address it looks like.

    Raises `BadRequest`.
    """
    spaces = {Space.EMAIL: Channel.EMAIL, Space.PHONE: Channel.SMS}
    space = space_of_text(text) or Space.PUSH
    tried = channel or spaces.get(space, Channel.ANDROID_PUSH)
    try:
        return read_address(text, tried, region=region)
    except BadAddress as error:
        raise BadRequest(error.sentence) from error
