"""Folding text for searching: what counts as the same letters, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from consentdesk.ledger.folding import folded, id_in_pieces, id_pieces_with, in_pieces


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Ruíz", "ruiz"),
        ("Strauß", "STRAUSS"),
        ("ẞ", "ß"),
        ("Ørsted Đorđe Łukasz", "orsted dorde lukasz"),
        ("Yılmaz İnönü", "yilmaz inonu"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ёлкин", "елкин"),
        ("Nguyễn", "nguyen"),
        ("Þór Æsa", "thor aesa"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("فارسی", "فارسي"),
        ("שָׁלוֹם", "שלום"),
        ("김민준", "김민준"),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
        ("ＡＢＣ１２３", "abc123"),
        ("٠٤٩١", "0491"),
        ("O’Neill", "O'Neill"),
        ("Anne\u2011Marie", "anne-marie"),
        ("soft\u00adware", "software"),
        ("a\0b\tc", "a b c"),
    ],
)
def test_the_same_letters(written: str, same: str) -> None:
    """Letter case, accents, vowel points, width, digits of other scripts and typographic marks make no difference."""
    assert folded(written) == folded(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("สุดา", "สดา"),  # a Thai vowel that Unicode counts among the combining marks
        ("ที่", "ที"),
        ("प्रिया", "परिया"),  # without the virama another word
        ("क", "कि"),
        ("が", "か"),  # ga is not ka
        ("パ", "ハ"),
        ("김", "기"),
        ("王", "玉"),
    ],
)
def test_other_letters(one: str, other: str) -> None:
    """Vowel signs, tones, viramas and voicing marks make another word, and stay."""
    assert folded(one) != folded(other)


@given(strategies.text(max_size=30))
def test_folding_is_done_once(text: str) -> None:
    """What is folded already stays as it is, and has no character that marks an end in the index."""
    once = folded(text)
    assert folded(once) == once
    assert not set("\n\x01\x02\0") & set(once)


@given(strategies.text("ab 王伟ガ김é-", max_size=8), strategies.data())
def test_a_part_stays_a_part(text: str, data: strategies.DataObject) -> None:
    """Whatever a text has in it, its pieces have in them: nothing that is there is missed."""
    whole = folded(text)
    start = data.draw(strategies.integers(0, len(whole)))
    part = whole[start : data.draw(strategies.integers(start, len(whole)))]
    assert in_pieces(part) in in_pieces(whole)


@given(strategies.text("a-0129王𐩀", min_size=1, max_size=9), strategies.data())
def test_a_part_of_an_external_id_stays_a_part(text: str, data: strategies.DataObject) -> None:
    """However digits are paired, one of the ways to look for a part of an external id finds it there."""
    start = data.draw(strategies.integers(0, len(text) - 1))
    part = text[start : data.draw(strategies.integers(start + 1, len(text)))]
    assert any(each in id_in_pieces(text) for each in id_pieces_with(part))
