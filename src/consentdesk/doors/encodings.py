"""Which encoding a text file is in: by its mark, by its bytes, or as the operator says.

UTF-8 proves itself, and a few damaged rows do not disprove it. Older encodings are a guess: what reads as
Western or Central European words is taken for that, and charset-normalizer tells the rest apart.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8, by its mark"),
    # Before UTF-16, whose mark is the beginning of this one.
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32, by its mark"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32, by its mark"),
    (b"\xff\xfe", "utf-16", "UTF-16, by its mark"),
    (b"\xfe\xff", "utf-16", "UTF-16, by its mark"),
)

_OLDER = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp874": "Windows-874 (Thai)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "iso8859_5": "ISO 8859-5 (Cyrillic)",
    "iso8859_7": "ISO 8859-7 (Greek)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "mac_roman": "Mac Roman",
    "cp437": "DOS 437",
    "cp850": "DOS 850",
    "cp852": "DOS 852 (Central European)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
}
"""What is told apart, by Python's names. Rare ones that look alike (DOS 861, Mac Iceland) are left out."""

_WESTERN = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüßé",
    "áéíñóúüïàèòç",  # Spanish, Catalan
    "àèéìíòóùú",
    "áâãàçéêíóôõúü",  # Portuguese
    "åäöæøéü",  # Nordic
    "áðéíóúýþæö",  # Icelandic
    "éëïöüèêáóíú",  # Dutch, Irish
)
_CENTRAL = (
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "ąćęłńóśźż",  # Polish
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian, Slovene
)
_LATIN = (
    ("cp1252", _WESTERN),
    # What a capital İ becomes in lower case is an i and a dot of its own.
    ("cp1254", ("çğıöşüâî\u0307",)),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("mac_roman", _WESTERN),
    ("cp850", _WESTERN),
)
"""Codecs with the letters beyond ASCII that go together in one word; among equals the first one wins."""

_PUNCTUATION = str.maketrans("’‘“”–—…•·€£®™°«»", " " * 16)
_ENOUGH = 0.9
"""The part of the words that must make sense."""

_PIECE = 1 << 18
_SAMPLE = 16_384
"""Bytes of cells from which an older encoding is told; more makes it slower and not surer."""
_LONGEST_CELL = 1_000

_ASCII = bytes(range(0x80))
_REPLACED = "\ufffd"

# Neither | nor a backslash: they are second bytes in Shift JIS, Big5 and GB 18030.
_BETWEEN_CELLS = re.compile(rb'[,;\t"\r\n]+')
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")

_NO_TEXT = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "charmap"})
"""Text codecs by Python's lights which no file is written in."""

_FEWEST_WIDE = 8


@dataclass(frozen=True, slots=True)
class Encoding:
    """``codec`` is Python's name of it; ``words`` say which encoding it is and how it was found."""

    codec: str
    words: str

    @property
    def is_wide(self) -> bool:
        """Whether a character of ASCII takes more than one byte, so that NUL bytes are no damage."""
        return self.codec.startswith(("utf-16", "utf-32"))


def told_at_once(start: bytes) -> Encoding | None:
    """What the first bytes tell for certain: a byte order mark, or UTF-16 without one."""
    for mark, codec, words in _MARKS:
        if start.startswith(mark):
            return Encoding(codec, words)
    return _utf_16_without_mark(start)


def told_from_bytes(source: BinaryIO) -> Encoding:
    """The encoding of a text without a mark, from all of its bytes; keeps a few of them in memory."""
    valid = invalid = 0
    cells: dict[bytes, None] = {}
    room = _SAMPLE
    for piece in _pieces(source):
        if piece.isascii():
            continue
        text = piece.decode("utf-8", "replace")
        wrong = text.count(_REPLACED) - piece.count(_REPLACED.encode())
        valid += len(text) - (len(piece) - len(piece.translate(None, _ASCII))) - wrong
        invalid += wrong
        for cell in _cells_beyond_ascii(piece) if wrong and room > 0 else ():
            if cell not in cells and room > 0:
                cells[cell] = None
                room -= len(cell)
    # Older encodings form a sequence of UTF-8 by chance now and then, never often.
    if valid * 2 >= invalid:
        return Encoding("utf-8", "UTF-8")
    codec = _latin(tuple(cells)) or _by_library(b"\n".join(cells))
    if codec is None:
        return Encoding("cp1252", f"{_OLDER['cp1252']}, a guess")
    return Encoding(codec, f"{_OLDER[codec]}, told from its bytes")


def chosen(label: str, start: bytes) -> Encoding | None:
    """The encoding that the operator names for a file beginning with ``start``; ``None`` if there is none."""
    try:
        "".encode(label)  # refuses codecs that do not turn text into bytes, such as rot13 and base64
        codec = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if codec.replace("-", "_") in _NO_TEXT:
        return None
    at_once = told_at_once(start)
    if at_once is not None and codec.startswith(("utf-8", "utf-16", "utf-32")):
        family = codec[:6].rstrip("-")
        if at_once.codec.startswith(family):
            codec = at_once.codec  # so that the mark is not taken for a part of the first cell
    elif codec == "utf-16":
        codec = "utf-16-le"
    words = _OLDER.get(codec.replace("-", "_"), codec.upper().removesuffix("-SIG"))
    return Encoding(codec, f"{words}, as chosen")


def _utf_16_without_mark(start: bytes) -> Encoding | None:
    """Text in UTF-16 shows a NUL at every other byte, at least where addresses and delimiters stand."""
    whole = start[: len(start) // 2 * 2]
    even, odd = whole[::2].count(0), whole[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if most * _FEWEST_WIDE < len(whole) or most == 0 or least * _FEWEST_WIDE > most:
        return None
    codec, words = ("utf-16-be", "big-endian") if even > odd else ("utf-16-le", "little-endian")
    # A pair of surrogates, or the sample, may be cut at the end.
    text = whole.decode(codec, "replace")
    if any(character < " " and character not in "\t\r\n" for character in text[:200]):
        return None
    if text[:200].count("\ufffd") > 1:
        return None
    return Encoding(codec, f"UTF-16 ({words}), told from its bytes")


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    """The source in pieces that end with a line, unless a line has no end."""
    while piece := source.read(_PIECE):
        yield piece if piece.endswith(b"\n") else piece + source.readline(_PIECE)


def _cells_beyond_ascii(piece: bytes) -> Iterator[bytes]:
    for cell in _BETWEEN_CELLS.split(piece):
        if not cell.isascii() and len(cell) <= _LONGEST_CELL:
            yield cell.strip()


def _latin(cells: tuple[bytes, ...]) -> str | None:
    """The codec in which most words beyond ASCII could be those of a language in the Latin script."""
    words = [word for cell in cells for word in _WORD.findall(cell) if not word.isascii()]
    best, best_count = None, _ENOUGH * len(words)
    for codec, alphabets in _LATIN:
        count = sum(_is_word(word, codec, alphabets) for word in words)
        if count > best_count or (count == best_count and best is None and count):
            best, best_count = codec, count
    return best


def _is_word(word: bytes, codec: str, alphabets: tuple[str, ...]) -> bool:
    try:
        text = word.decode(codec).translate(_PUNCTUATION)
    except UnicodeDecodeError:
        return False
    # No capital letter follows a small one: what is "José" on a Mac is "JosŽ" in Windows.
    if any(left.islower() and right.isupper() and right > "\x7f" for left, right in pairwise(text)):
        return False
    beyond = {character for character in text.lower() if character > "\x7f"}
    return not beyond or any(beyond.issubset(alphabet) for alphabet in alphabets)


def _by_library(sample: bytes) -> str | None:
    if not sample:
        return None
    # Only a file in an older encoding needs it, and it takes its time to import.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_OLDER), preemptive_behaviour=False).best()
    return best.encoding if best is not None and best.encoding in _OLDER else None
