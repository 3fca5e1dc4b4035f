"""Reading addresses: one identity per contact point, and no request to stop lost to a validator."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consentdesk.rules import tickets
from consentdesk.rules.addresses import (
    Address,
    BadAddress,
    read_address,
    space_of_text,
)
from consentdesk.rules.phones import is_region
from consentdesk.rules.tickets import find_addresses
from consentdesk.rules.vocabulary import Channel, Code, Space

PHONE_CHANNELS = [Channel.SMS, Channel.WHATSAPP]
CODE_OF = {
    Channel.EMAIL: Code.INVALID_EMAIL,
    Channel.SMS: Code.INVALID_PHONE,
    Channel.WHATSAPP: Code.INVALID_PHONE,
    Channel.ANDROID_PUSH: Code.INVALID_PUSH_TOKEN,
    Channel.IOS_PUSH: Code.INVALID_PUSH_TOKEN,
}

unhurried = settings(deadline=None)
"""The first address that is read pays for the import of the libraries."""


def read_email(text: str) -> Address:
    return read_address(text, Channel.EMAIL)


def read_phone(text: str, region: str | None = None) -> Address:
    return read_address(text, Channel.SMS, region=region)


class TestEmail:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("Ann.O'Brien+news@Example.COM", "Ann.O'Brien+news@example.com"),
            ("INFO@example.com", "INFO@example.com"),
            ("  ann@example.com\r\n", "ann@example.com"),
            ("\ufeffann@example.com\u200b", "ann@example.com"),
            ("Jose\u0301@example.com", "José@example.com"),
            ("用户@例え.jp", "用户@例え.jp"),
            ("ann@xn--bcher-kva.com", "ann@bücher.com"),
        ],
    )
    def test_shows_the_address_as_the_person_wrote_it(self, text: str, shown: str) -> None:
        """A valid address keeps its local part in NFC; edges go, and the domain takes its Unicode form."""
        address = read_email(text)
        assert address.text == shown
        assert address.is_valid

    @pytest.mark.parametrize(
        "spellings",
        [
            ("ann@example.com", "Ann@Example.Com", "ANN@EXAMPLE.COM"),
            ("josé@example.com", "jose\u0301@example.com", "JOSE\u0301@EXAMPLE.COM"),
            ("ann@bücher.com", "ann@XN--BCHER-KVA.com", "ann@BU\u0308CHER.COM", "ann@ｂücher．com"),
            ("οδος@example.gr", "οδοσ@example.gr", "ΟΔΟΣ@example.gr"),
            ("a@i❤.ws", "a@xn--i-7iq.ws", "a@XN--I-7IQ.WS", "a@i❤\ufe0f.ws"),
            ("\u212b@example.com", "å@example.com"),
            ("straße@example.com", "STRAẞE@example.com"),
        ],
    )
    def test_folds_letter_case_normal_form_and_punycode(self, spellings: tuple[str, ...]) -> None:
        """Spellings that differ in letter case, normal form or punycode alone are one contact point."""
        assert len({read_email(each).key for each in spellings}) == 1

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("straße@example.com", "strasse@example.com"),
            ("ann+news@example.com", "ann@example.com"),
            ("a.nn@example.com", "ann@example.com"),
            ("ann@faß.de", "ann@fass.de"),
            ("ﬁn@example.com", "fin@example.com"),
            ("jose@example.com", "josé@example.com"),
        ],
    )
    def test_keeps_other_mailboxes_apart(self, one: str, other: str) -> None:
        """Tags, dots, ß and compatibility forms are not folded: consent for one mailbox is not another's."""
        assert read_email(one).key != read_email(other).key

    @pytest.mark.parametrize(
        "text",
        [
            "a@localhost",
            "a..b@example.com",
            "a@[127.0.0.1]",
            '"q"@example.com',
            "a@my_host.com",
            "é@-",
            "a@b.",
        ],
    )
    def test_keeps_what_is_only_possible(self, text: str) -> None:
        """Text on both sides of one @ is enough for an opt-out, and never enough for an opt-in."""
        assert not read_email(text).is_valid

    @pytest.mark.parametrize(
        "text",
        ["<ann@example.com>", "mailto:Ann@Example.com", "<MAILTO:ann@example.com>", "ann@example.com.,;"],
    )
    def test_takes_an_opt_out_to_the_address_inside_its_wrapping(self, text: str) -> None:
        """An opt-out written as in prose reaches the mailbox that it means; an opt-in does not."""
        address = read_email(text)
        assert address.key == "ann@example.com"
        assert not address.is_valid

    @pytest.mark.parametrize(
        "text",
        [
            *("", "ann", "@", "ann@", "@example.com", "a@b@c", "ann at example.com", "<>@;", "a＠b"),
            *("a b@example.com", "Ann <ann@example.com>", "a\u00a0b@example.com", "a@ex\u3000ample.com"),
            *("a\x00@example.com", "a\t@example.com", "a@b\nc", "a@b\x1f", "a\x85@b", "a@b\u2028c"),
            *("\u202eann@example.com", "ann@example.com\u2066", "a\u200db@example.com", "a\u00ad@b"),
            *("a\ud800@example.com", "a" * 10_000 + "@example.com", "@" * 10_000),
        ],
    )
    def test_refuses_what_cannot_be_an_address(self, text: str) -> None:
        """Spaces, controls, marks that change the direction, or not exactly one @: refused with a code."""
        with pytest.raises(BadAddress) as caught:
            read_email(text)
        assert caught.value.code is Code.INVALID_EMAIL

    @unhurried
    @given(
        local=st.text(st.characters(categories=["L", "N", "P", "M"], exclude_characters="@"), min_size=1),
        domain=st.text(st.sampled_from("abcXYZ019.-。．_üÜßςΣéе\u0301❤xn"), min_size=1),
    )
    def test_reads_back_its_own_text_and_key(self, local: str, domain: str) -> None:
        """What is shown reads back to the same contact point, whether it is valid or only possible."""
        try:
            address = read_email(f"{local}@{domain}")
        except BadAddress:
            return
        again = read_email(address.text)
        assert (again.key, again.text) == (address.key, address.text)
        assert again.is_valid or not address.is_valid
        assert read_email(address.key).key == address.key
        address.key.encode()

    @unhurried
    @given(st.from_regex(r"[a-zA-Zà-öø-þÀ-ÖØ-Þа-яА-Я0-9+.]{1,20}@[a-zA-Z]{1,9}\.(com|COM)", fullmatch=True))
    def test_gives_every_letter_case_and_normal_form_one_key(self, text: str) -> None:
        """One key for all spellings, be they valid or not: the key does not depend on the validator."""
        key = read_email(text).key
        for spelling in (text.lower(), text.upper(), text.swapcase()):
            for form in ("NFC", "NFD"):
                assert read_email(unicodedata.normalize(form, spelling)).key == key

    @unhurried
    @given(st.from_regex(r"[a-z0-9]([a-zà-öø-ÿ0-9]{0,10}[a-z0-9])?", fullmatch=True))
    def test_gives_both_spellings_of_a_domain_one_key(self, label: str) -> None:
        """An internationalised domain in punycode and in Unicode is one contact point."""
        assume(not label.isascii())
        punycode = f"xn--{label.encode('punycode').decode()}"
        assert read_email(f"ann@{punycode}.com").key == read_email(f"ann@{label}.com").key
        assert read_email(f"a..b@{punycode}.com").key == read_email(f"a..b@{label}.com").key


class TestPhone:
    @pytest.mark.parametrize(
        ("text", "region", "key"),
        [
            ("+44 7911 123456", None, "+447911123456"),
            ("+44.7911.123456", None, "+447911123456"),
            ("+44-7911-123456", None, "+447911123456"),
            ("+44 (0)7911 123456", None, "+447911123456"),
            ("(+44) 7911 123456", None, "+447911123456"),
            ("tel:+44-7911-123456", None, "+447911123456"),
            ("TEL:+447911123456", None, "+447911123456"),
            ("+44\u00a07911\u202f123456", None, "+447911123456"),
            ("\u202d+44 7911 123456\u202c", None, "+447911123456"),
            ("＋４４７９１１１２３４５６", None, "+447911123456"),
            ("٠٤٩١٥٧٠١٥٦", "AU", "+61491570156"),
            ("0491 570 156", "AU", "+61491570156"),
            ("0491 570 156", "au", "+61491570156"),
            ("(02) 9876-5432", "AU", "+61298765432"),
            ("0044 7911 123456", "DE", "+447911123456"),
            ("0011 44 7911 123456", "AU", "+447911123456"),
            ("+39 06 1234 5678", None, "+390612345678"),
            ("+800 1234 5678", None, "+80012345678"),
        ],
    )
    def test_reads_common_spellings(self, text: str, region: str | None, key: str) -> None:
        """However a valid number is spelled, it is one E.164 number, and good enough for an opt-in."""
        for channel in PHONE_CHANNELS:
            assert read_address(text, channel, region=region) == Address(Space.PHONE, key, key, is_valid=True)

    @pytest.mark.parametrize("region", ["AU", "US", "GB", "BR", "NG"])
    def test_reads_00_from_every_region(self, region: str) -> None:
        """00 means abroad where it is dialled so, and elsewhere when nothing valid can be meant besides."""
        assert read_phone("0061 491 570 156", region).key == "+61491570156"

    @pytest.mark.parametrize(
        ("text", "region", "key"),
        [
            ("+1 310 000 0123", None, "+13100000123"),
            ("12345", "DE", "+4912345"),
            ("+44 7911 123456 ext 5", None, "+447911123456"),
            ("+44 7911 123456;ext=5", None, "+447911123456"),
            ("+1 650 253 0000,,123", None, "+16502530000"),
            ("(530) 583-6985 x302/x2303", "US", "+15305836985"),
            ("call 0491 570 156 pls", "AU", "+61491570156"),
            ("0491 570 156 (Bob)", "AU", "+61491570156"),
            ("1-800-FLOWERS", "US", "+18003569377"),
            ("+447911123456 / +44 7911 123456", None, "+447911123456"),
        ],
    )
    def test_takes_an_opt_out_to_what_is_only_possible(self, text: str, region: str | None, key: str) -> None:
        """An invalid number, an extension or other text around it: enough for an opt-out, not an opt-in."""
        assert read_phone(text, region) == Address(Space.PHONE, key, key, is_valid=False)

    @pytest.mark.parametrize(
        ("text", "region"),
        [
            ("+447911123456/+447911123457", None),
            ("5551234 or 5559876", "DE"),
            ("5551234,5559876", "DE"),
            ("0033 6 12 34 56 78", "SG"),
            ("123 or 0491 570 156", "AU"),
            ("call 0044 7911 123456", "AU"),
            ("tel:0491570156;phone-context=+61", "GB"),
        ],
    )
    def test_never_guesses_which_number_is_meant(self, text: str, region: str | None) -> None:
        """Two numbers, or one that can be read in two ways, are refused: the wrong person must not be hit."""
        with pytest.raises(BadAddress):
            read_phone(text, region)

    @pytest.mark.parametrize("text", ["253 0000", "000", "112", "1", "+", "", "n/a", "²³", "+999 12345678"])
    def test_refuses_what_cannot_be_dialled_from_elsewhere(self, text: str) -> None:
        """A local, short or impossible number names nobody."""
        with pytest.raises(BadAddress) as caught:
            read_phone(text, "US")
        assert caught.value.code is Code.INVALID_PHONE

    @pytest.mark.parametrize("region", [None, "", "XX", "ZZ", "001"])
    def test_asks_for_a_region(self, region: str | None) -> None:
        """A national number without a known region is refused with the hint that helps."""
        with pytest.raises(BadAddress, match=r"--region AU") as caught:
            read_phone("0491 570 156", region)
        assert caught.value.code is Code.INVALID_PHONE

    @pytest.mark.parametrize(
        "text",
        ["+447911123456\x00", "\x00+447911123456", "+44\t7911123456", "+44\n7911123456", "+4479\x7f11123456"],
    )
    def test_refuses_controls(self, text: str) -> None:
        """A control character inside a number is no spelling of it."""
        with pytest.raises(BadAddress):
            read_phone(text)

    @unhurried
    @given(
        st.sampled_from(["AU", "DE", "US", "AR", "BR", "IT", "GB"]),
        st.from_regex(r"(\+(1|39|44|49|54|61)|00|)0{0,3}[0-9]{5,12}", fullmatch=True),
    )
    def test_reads_its_own_key_back(self, region: str, text: str) -> None:
        """A number that is shown, searched for or exported reads back to the same contact point."""
        try:
            address = read_phone(text, region)
        except BadAddress:
            return
        again = read_phone(address.text)
        assert again.key == address.key == address.text
        assert again.is_valid == address.is_valid

    def test_drops_every_trunk_zero(self) -> None:
        """Any number of zeros after the country code is one number, or its opt-outs would lie apart."""
        assert len({read_phone(f"+49{zeros}301234567").key for zeros in ("", "0", "00")}) == 1


class TestPushToken:
    @pytest.mark.parametrize("channel", [Channel.ANDROID_PUSH, Channel.IOS_PUSH])
    def test_is_opaque(self, channel: Channel) -> None:
        """A token is trimmed and otherwise kept: letter case and normal form tell two devices apart."""
        token = read_address(" fGh:APA91b-Ü_e\u0301 ", channel)
        assert token == Address(Space.PUSH, "fGh:APA91b-Ü_e\u0301", "fGh:APA91b-Ü_e\u0301", is_valid=True)

    @pytest.mark.parametrize("text", ["", "  ", "a b", "a\tb", "a\x00b", "a\u200bb", "a\ud800", "x" * 4097])
    def test_refuses_what_cannot_be_a_token(self, text: str) -> None:
        """Nothing, spaces, controls and more than 4096 characters are refused."""
        with pytest.raises(BadAddress) as caught:
            read_address(text, Channel.IOS_PUSH)
        assert caught.value.code is Code.INVALID_PUSH_TOKEN

    def test_may_be_long(self) -> None:
        """4096 characters are still a token."""
        assert read_address("x" * 4096, Channel.ANDROID_PUSH).key == "x" * 4096


class TestAnyText:
    @unhurried
    @given(
        st.text(st.characters(categories=None) | st.sampled_from("+0123456789@.-( xn"), max_size=60),
        st.sampled_from(Channel),
    )
    def test_is_an_address_or_a_bad_one(self, text: str, channel: Channel) -> None:
        """No text, however hostile, ends in anything but an address or a `BadAddress` with its code."""
        read: Address | BadAddress
        try:
            read = read_address(text, channel, region="DE")
        except BadAddress as refusal:
            read = refusal
        if isinstance(read, BadAddress):
            assert read.code is CODE_OF[channel]
            assert str(read) == read.sentence
        else:
            assert read.key.encode()
            assert read.text.encode()

    @pytest.mark.parametrize("channel", list(Channel))
    @pytest.mark.parametrize("text", ["secret name\x00@x", "0491 secret name 5\x00", "secret name"])
    def test_never_lands_in_a_sentence(self, text: str, channel: Channel) -> None:
        """Sentences land in logs, so they never repeat what was read."""
        with pytest.raises(BadAddress) as caught:
            read_address(text, channel)
        assert "secret" not in str(caught.value)
        assert caught.value.sentence.count(".") <= 1

    @pytest.mark.parametrize(
        "unit", ["1", "+", "@", "a", "(", "1 ", "+1,", "ext", "é", "\u202a", "<", "xn--"]
    )
    def test_is_read_quickly_at_any_length(self, unit: str) -> None:
        """10,000 characters of anything cost no operator a noticeable wait."""
        read_phone("+44 7911 123456")
        started = time.perf_counter()
        for channel in Channel:
            try:
                read_address(unit * 10_000, channel, region="US")
            except BadAddress:
                continue
        space_of_text(unit * 10_000)
        assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("ann@example.com", Space.EMAIL),
        ("Ann <ann@example.com>", Space.EMAIL),
        ("+44 7911 123456", Space.PHONE),
        ("(02) 9876-5432", Space.PHONE),
        ("tel:+447911123456", Space.PHONE),
        ("٠٤٩", Space.PHONE),
        ("123", Space.PHONE),
        ("12", None),
        ("+()", None),
        ("", None),
        ("bob 123", None),
        ("123\x00", None),
        ("Ann", None),
    ],
)
def test_tells_the_kind_of_an_address_by_its_characters(text: str, space: Space | None) -> None:
    """An @ makes an email address; at least three digits and phone punctuation alone make a number."""
    assert space_of_text(text) is space


class TestFinding:
    def test_finds_the_number_in_a_pasted_ticket(self) -> None:
        """A search box takes what people paste: the number in the sentence is what they look for."""
        found = find_addresses("pls stop texting me on 0491 570 156 thx", region="AU")
        assert [address.key for address in found] == ["+61491570156"]

    @pytest.mark.parametrize(
        ("text", "region", "found"),
        [
            ("ann smith", "AU", []),
            ("c-17", "AU", []),
            ("0491 570 156", None, []),
            ("ann@example.com", "AU", ["ann@example.com"]),
            (" +61 491 570 156\n", None, ["+61491570156"]),
        ],
    )
    def test_asks_the_matcher_only_where_a_number_can_be(
        self, text: str, region: str | None, found: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every key typed into the search box comes here, and the matcher takes longer than the search."""

        def never(text: str, region: str | None) -> None:
            pytest.fail("the matcher was asked")

        monkeypatch.setattr(tickets, "_find_numbers", never)
        assert [address.key for address in find_addresses(text, region=region)] == found

    def test_keeps_the_order_and_drops_repeats(self) -> None:
        """Addresses come in order of appearance, each contact point once."""
        ticket = (
            "From: Ann <Ann@Example.com>\r\nTel.\t+44 7911 123456 (mobile), or 'bob@example.org'.\n"
            "Not ann@example.COM! Call 00447911123456 or 0491570156, mailto:cy@bücher.com?subject=stop"
        )
        assert [address.key for address in find_addresses(ticket, region="AU")] == [
            "ann@example.com",
            "+447911123456",
            "bob@example.org",
            "+61491570156",
            "cy@bücher.com",
        ]

    def test_takes_no_number_out_of_an_email_address(self) -> None:
        """Digits in a local part are no phone number."""
        found = find_addresses("0491570156@example.com", region="AU")
        assert [address.space for address in found] == [Space.EMAIL]

    @pytest.mark.parametrize("region", [None, "XX"])
    def test_finds_only_numbers_with_a_plus_without_a_region(self, region: str | None) -> None:
        """Without a region a national number could be anybody's."""
        found = find_addresses("0491 570 156, 0044 7911 123456, +1 650 253 0000", region=region)
        assert [address.key for address in found] == ["+16502530000"]

    def test_finds_nothing_in_plain_words(self) -> None:
        """Handles, two @ in a word and short numbers are no addresses."""
        assert find_addresses("hi @ann, a@b@c, ticket 12, room 4711 @ noon", region="AU") == ()

    def test_stops_after_20_addresses_and_20000_characters(self) -> None:
        """A pasted log does not hold up the search."""
        emails = " ".join(f"u{number}@example.com" for number in range(30))
        assert [address.key for address in find_addresses(emails, region=None)][19:] == ["u19@example.com"]
        assert find_addresses("x" * 19_995 + " ann@example.com", region=None) != find_addresses(
            "x" * 19_000 + " ann@example.com", region=None
        )

    @unhurried
    @given(st.text(st.characters(categories=None) | st.sampled_from("+0123456789@.-( \n"), max_size=200))
    def test_finds_only_what_can_be_read_again(self, text: str) -> None:
        """Whatever was pasted, what is found is an address with the identity it was found under."""
        for address in find_addresses(text, region="AU"):
            channel = Channel.EMAIL if address.space is Space.EMAIL else Channel.SMS
            assert read_address(address.text, channel).key == address.key

    @pytest.mark.parametrize(
        "unit", ["a", "@", "a@", "1 ", "(1", "+1", "0491570156 ", "0012345678 ", "a@b ", "."]
    )
    def test_is_quick_on_hostile_text(self, unit: str) -> None:
        """The time grows with the length of the text and not with its square."""
        started = time.perf_counter()
        find_addresses(unit * 20_000, region="AU")
        assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("code", "known"), [("AU", True), ("GB", True), ("au", False), ("XX", False), ("", False)]
)
def test_knows_the_regions(code: str, known: bool) -> None:
    """A region is two capital letters that phonenumbers has numbers for."""
    assert is_region(code) is known


def test_is_cheap_to_import() -> None:
    """Commands that read no address do not pay for the libraries that do."""
    heavy = "{'phonenumbers', 'email_validator', 'idna'} & sys.modules.keys()"
    script = f"import sys; import consentdesk.rules.addresses; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
