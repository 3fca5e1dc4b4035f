"""How text is folded for searching: what somebody types and what is stored become the same letters.

Owns which spellings count as one: letter case, accents, the points of Arabic and Hebrew, digits of other
scripts, typographic quotes and dashes. Marks that make another letter or another vowel stay: Thai and Indic
vowels, the virama, the voicing marks of kana. Needs only the standard library.
"""

from __future__ import annotations

import re
import unicodedata

EDGE = "\n"
"""Marks what begins and ends: folded text holds no control character, so nobody can type it.

An address has two of them before it, so that one character behind them makes a piece of three, and a phone
number one behind it. A name has one before it, and a space, as every other word of a name has.
"""

_AROUND_SYLLABLE = "\x02"

_LETTERS = str.maketrans(
    {
        **{"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d"},
        **{"þ": "th", "ی": "ي", "ک": "ك", "ـ": ""},  # Persian keyboards; the Arabic stroke that stretches
        **dict.fromkeys("‘’‚‛ʼʹ′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
"""Letters that Unicode does not decompose, and what typing programs make of quotes and dashes."""

_SYLLABLES = re.compile("([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff])")
"""Han, kana and Hangul: one of these is a syllable or a word, and names have two or three."""

_DIGITS = re.compile("[0-9]+")
_PAIRS = 0xE000
_LAST_DIGITS = _PAIRS + 100
"""Private characters, which folded text does not hold: one for each digit with the one behind it, and one for
each digit with none behind it."""


class _Folded(dict[int, str]):
    """Every character met so far with what it becomes, for `str.translate`."""

    def __missing__(self, number: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(number))
        kept = "".join(each for each in decomposed if not _is_dropped(each))
        folded = "".join(_plain(each) for each in kept.casefold().translate(_LETTERS))
        self[number] = folded
        return folded


_FOLDED = _Folded()


def folded(text: str) -> str:
    """The text in small letters and without accents, so that ``ruiz`` finds Ruíz. Folding twice is folding once."""
    if text.isascii() and text.isprintable():
        return text.lower()
    plain = text.translate(_FOLDED)
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


def in_pieces(text: str) -> str:
    """Folded text as it is cut into pieces of three characters for the index.

    Marks around every syllable of Chinese, Japanese and Korean make a piece of a single one: 伟 finds 王伟.
    A part of a text stays a part of it.
    """
    if text.isascii() or _SYLLABLES.search(text) is None:
        return text
    marked = _SYLLABLES.sub(rf"{_AROUND_SYLLABLE}\1{_AROUND_SYLLABLE}", text)
    return marked.replace(_AROUND_SYLLABLE * 2, _AROUND_SYLLABLE)


def id_in_pieces(external_id: str) -> str:
    """A folded external id, where every digit knows the one behind it, so that a piece has four of them.

    Ids are counted up, with zeros in front: thousands have the pieces 000 and 001, and only some have 0001.
    """
    paired = _DIGITS.sub(_paired, external_id)
    return paired if external_id.isascii() else in_pieces(paired)


def id_pieces_with(part: str) -> list[str]:
    """What to cut in pieces of three to find a folded part of external ids; any of these will do.

    Which digit follows upon the last one is not known. Behind another digit the last one is known by that;
    else every one is tried, since what is left would be found in names as well.
    """
    pieces = id_in_pieces(part)
    if not _DIGITS.fullmatch(part[-1:]):  # str.isdigit() takes more than 0 to 9
        return [pieces]
    if len(pieces) > 3 and _DIGITS.fullmatch(part[-2]):
        return [pieces[:-1]]
    last = int(part[-1])
    behind = (*(_PAIRS + 10 * last + digit for digit in range(10)), _LAST_DIGITS + last)
    return [pieces[-3:-1] + chr(each) for each in behind]


class _Pairs(dict[str, str]):
    """Up to four digits with the characters for the first three; 11,110 of them at most."""

    def __missing__(self, digits: str) -> str:
        pairs = [_PAIRS + int(digits[place : place + 2]) for place in range(len(digits) - 1)]
        if len(digits) < 4:
            pairs.append(_LAST_DIGITS + int(digits[-1]))
        self[digits] = "".join(map(chr, pairs))
        return self[digits]


_FOR_DIGITS = _Pairs()


def _paired(found: re.Match[str]) -> str:
    digits = found[0]
    return "".join([_FOR_DIGITS[digits[start : start + 4]] for start in range(0, len(digits), 3)])


def _is_dropped(character: str) -> bool:
    """Whether it is an accent, a point over or under a consonant, or invisible.

    Canonical combining classes: 1 are overlays, 10 to 36 the points of Hebrew, Arabic and Syriac, and from
    200 on accents. Between them are vowels and tones of Thai, Lao, Tibetan and the scripts of India.
    """
    combining = unicodedata.combining(character)
    if combining == 1 or 10 <= combining <= 36 or combining >= 200:
        return True
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _plain(character: str) -> str:
    """A digit of any script as 0 to 9; white space and controls, NUL among them, as a space."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return character if character.isprintable() else " "
