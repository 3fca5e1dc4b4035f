"""Lists of addresses as lawyers and auditors send them: which columns hold the addresses, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import write_file

from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.listed_addresses import listed_addresses
from consentdesk.rules.vocabulary import Channel


@pytest.mark.parametrize(
    ("content", "mapping", "channel", "found"),
    [
        ("0491 570 156\n+61491570157\n", {}, None, [(1, "0491 570 156"), (2, "+61491570157")]),
        ("Name,Phone\nA,1\nB,\n", {}, None, [(2, "1"), (3, "")]),
        ("email,phone\na@b.c,1\n,2\n", {}, None, [(2, "1"), (2, "a@b.c"), (3, "2")]),
        ("email,phone\na@b.c,1\n", {}, Channel.EMAIL, [(2, "a@b.c")]),
        ("Claimant,Mobile\nA,1\n", {"phone": "Mobile"}, None, [(2, "1")]),
        ("phone,Mobile\n1,2\n", {"phone": "Mobile"}, None, [(2, "2")]),
        ("Name,Phone\nA,1,2\n", {}, None, [(2, "A,1,2")]),
    ],
)
def test_every_row_has_its_addresses(
    tmp_path: Path,
    content: str,
    mapping: dict[str, str],
    channel: Channel | None,
    found: list[tuple[int, str]],
) -> None:
    """Bare lists, named columns, mapped ones, or a channel's own; no row is passed over in silence."""
    assert list(listed_addresses(write_file(tmp_path, content), mapping, channel)) == found


def test_a_list_without_addresses_is_told(tmp_path: Path) -> None:
    """Where no column holds addresses, the sentence says how to name one."""
    with pytest.raises(UnusableFile, match="phone"):
        list(listed_addresses(write_file(tmp_path, "Name,Town\nA,B\n"), {}))
