"""What a record of consent has to show under each profile."""

from __future__ import annotations

import pytest

from consentdesk.rules.completeness import ASKED, Element, Profile, RecordFacts, covers, missing
from consentdesk.rules.vocabulary import CampaignKind, Channel

GDPR, TSR = Profile.GDPR_ART_7, Profile.TSR_310_5_A_8
WHOLE = RecordFacts(
    channel=Channel.SMS,
    campaign_kind=CampaignKind.WEB_FORM,
    has_address=True,
    has_name=True,
    is_dated=True,
    has_trace=True,
    has_wording=True,
    has_legal_basis=True,
    has_purpose=True,
)
"""A record that shows everything."""

MIGRATED = WHOLE._replace(campaign_kind=CampaignKind.MIGRATION)

TABLE = [
    (WHOLE, (), ()),
    (WHOLE._replace(has_address=False), (Element.WHO,), (Element.WHO,)),
    (WHOLE._replace(has_name=False), (), (Element.WHO,)),
    (WHOLE._replace(is_dated=False), (Element.TIME,), (Element.TIME,)),
    (WHOLE._replace(has_wording=False), (Element.WORDING,), (Element.WORDING,)),
    (WHOLE._replace(has_legal_basis=False), (Element.LEGAL_BASIS,), ()),
    (WHOLE._replace(has_purpose=False), (), (Element.PURPOSE,)),
    (WHOLE._replace(has_trace=False), (), ()),
    (MIGRATED, (), ()),
    (MIGRATED._replace(has_trace=False), (Element.SOURCE,), ()),
    (WHOLE._replace(campaign_kind=None, has_trace=False), (Element.SOURCE,), ()),
    (WHOLE._replace(channel=Channel.EMAIL), (), (Element.WHO,)),
    (
        RecordFacts(Channel.SMS, None, False, False, False, False, False, False, False),
        (Element.WHO, Element.TIME, Element.SOURCE, Element.WORDING, Element.LEGAL_BASIS),
        (Element.WHO, Element.TIME, Element.WORDING, Element.PURPOSE),
    ),
]


@pytest.mark.parametrize(("record", "gdpr", "tsr"), TABLE)
def test_each_profile_asks_for_its_own(
    record: RecordFacts, gdpr: tuple[Element, ...], tsr: tuple[Element, ...]
) -> None:
    """A record lacks exactly what its profile asks for and it does not show, in one fixed order."""
    assert missing(record, GDPR) == gdpr
    assert missing(record, TSR) == tsr


@pytest.mark.parametrize("kind", [each for each in CampaignKind if each is not CampaignKind.MIGRATION])
def test_a_way_of_agreeing_says_how(kind: CampaignKind) -> None:
    """Every kind of campaign but a migration says how people agreed; only what was brought over needs a trace."""
    assert missing(WHOLE._replace(campaign_kind=kind, has_trace=False), GDPR) == ()


def test_the_telemarketing_rule_is_about_numbers() -> None:
    """The TSR covers SMS and WhatsApp and nothing else, the GDPR every channel."""
    assert [channel for channel in Channel if covers(TSR, channel)] == [Channel.SMS, Channel.WHATSAPP]
    assert all(covers(GDPR, channel) for channel in Channel)


def test_every_element_is_asked_by_somebody() -> None:
    """No element is told of that no profile asks for."""
    assert {element for asked in ASKED.values() for element in asked} == set(Element)
