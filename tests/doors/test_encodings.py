"""The encoding of a file is found from all of its bytes, said, and open to correction."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from door_files import write_file
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.doors.csv_file import Layout, open_table
from consentdesk.doors.encodings import chosen, told_at_once, told_from_bytes
from consentdesk.doors.records import NOT_TEXT

WESTERN = ("José Ruíz", "Zoë Müller", "François Lefèvre", "Søren Ångström", "Ana Peña", "Groß", "O’Neil")
CENTRAL = ("Dvořák Jiří", "Łukasz Wałęsa", "Žižek Štěpán", "Kovács Győző", "Świątek Iga", "Černý Ondřej")
TURKISH = ("Gökçe Çağlar", "Şahin Yılmaz", "İbrahim Doğan")
CYRILLIC = ("Иван Петров", "Анна Сидорова", "Мария Кузнецова", "Алексей Смирнов")
GREEK = ("Γιώργος Παπαδόπουλος", "Ελένη Νικολάου", "Δημήτρης")
JAPANESE = ("山田太郎", "佐藤花子", "鈴木一郎", "高橋ポール")
KOREAN = ("김철수", "이영희", "박지성")
CHINESE = ("王伟", "李娜", "张敏", "刘洋", "陈静怡", "杨光", "赵军", "黄秀英", "周杰", "吴磊")


def table_of(names: Sequence[str], delimiter: str = ",") -> str:
    """A table with a row per name."""
    rows = (f"p{number}@example.com{delimiter}{name}\n" for number, name in enumerate(names))
    return f"email{delimiter}name\n" + "".join(rows)


@pytest.mark.parametrize(
    ("names", "encoding", "found", "words"),
    [
        (WESTERN, "utf-8", "utf-8", "UTF-8"),
        (WESTERN, "utf-8-sig", "utf-8-sig", "UTF-8, by its mark"),
        (WESTERN, "utf-16", "utf-16", "UTF-16, by its mark"),
        (WESTERN, "utf-32", "utf-32", "UTF-32, by its mark"),
        (WESTERN, "utf-16-le", "utf-16-le", "UTF-16 (little-endian), told from its bytes"),
        (CHINESE, "utf-16-be", "utf-16-be", "UTF-16 (big-endian), told from its bytes"),
        (WESTERN, "cp1252", "cp1252", "Windows-1252, told from its bytes"),
        (WESTERN[:-1], "latin-1", "cp1252", "Windows-1252, told from its bytes"),
        (WESTERN, "mac-roman", "mac_roman", "Mac Roman, told from its bytes"),
        (WESTERN[:-1], "cp850", "cp850", "DOS 850, told from its bytes"),
        (CENTRAL, "cp1250", "cp1250", "Windows-1250 (Central European), told from its bytes"),
        (CENTRAL, "iso8859-2", "iso8859_2", "ISO 8859-2 (Central European), told from its bytes"),
        (TURKISH, "cp1254", "cp1254", "Windows-1254 (Turkish), told from its bytes"),
        (CYRILLIC, "cp1251", "cp1251", "Windows-1251 (Cyrillic), told from its bytes"),
        (CYRILLIC, "koi8-r", "koi8_r", "KOI8-R (Cyrillic), told from its bytes"),
        (GREEK, "cp1253", "cp1253", "Windows-1253 (Greek), told from its bytes"),
        (JAPANESE, "cp932", "cp932", "Shift JIS (Japanese), told from its bytes"),
        (JAPANESE, "euc-jp", "euc_jp", "EUC-JP (Japanese), told from its bytes"),
        (KOREAN, "cp949", "cp949", "EUC-KR (Korean), told from its bytes"),
        (CHINESE, "gb18030", "gb18030", "GB 18030 (Chinese), told from its bytes"),
    ],
)
def test_the_encoding_is_found_and_said(
    tmp_path: Path, names: Sequence[str], encoding: str, found: str, words: str
) -> None:
    """Names in the scripts of the world come out as they went in, and the operator is told how."""
    table = open_table(write_file(tmp_path, table_of(names).encode(encoding)))
    assert (table.encoding, table.encoding_words) == (found, words)
    assert [(record.cells[1], record.fault) for record in table.records()] == [(name, None) for name in names]


@pytest.mark.parametrize("name", WESTERN)
def test_one_western_name_is_enough(name: str) -> None:
    """A single accented name is read as Windows-1252 and not as one of the many that look alike."""
    content = table_of([name]).encode("cp1252")
    assert told_from_bytes(io.BytesIO(content)).codec == ("cp1252" if not name.isascii() else "utf-8")


def test_the_bar_may_be_a_second_byte(tmp_path: Path) -> None:
    """A second byte that is | in ASCII neither hides the encoding nor parts cells."""
    names = ["ポール", "ポチ", *JAPANESE]
    table = open_table(write_file(tmp_path, table_of(names, "|").encode("cp932")))
    assert [record.cells[1] for record in table.records()] == names


def test_a_few_damaged_rows_do_not_disprove_utf_8(tmp_path: Path) -> None:
    """A UTF-8 file into which rows of another program were pasted stays UTF-8; those rows are refused."""
    content = table_of(WESTERN).encode() + "x@example.com,Strauß\ny@example.com,José\n".encode("cp1252")
    table = open_table(write_file(tmp_path, content))
    assert table.encoding == "utf-8"
    bad = {record.number: record.fault for record in table.records() if record.fault}
    assert bad == {len(WESTERN) + 2: NOT_TEXT, len(WESTERN) + 3: NOT_TEXT}


def test_the_first_telling_byte_may_come_late(tmp_path: Path) -> None:
    """The whole file decides, not its beginning."""
    content = table_of(["Ann"] * 200_000).encode() + "x@example.com,José\n".encode("cp1252")
    assert open_table(write_file(tmp_path, content)).encoding == "cp1252"


def test_plain_ascii_needs_no_guess(tmp_path: Path) -> None:
    """What is the same in every encoding is UTF-8."""
    assert open_table(write_file(tmp_path, table_of(["Ann"]))).encoding_words == "UTF-8"


def test_what_no_table_of_words_fits_is_said_to_be_a_guess() -> None:
    """Bytes that make sense nowhere are read as Windows-1252, and it is said that this is a guess."""
    found = told_from_bytes(io.BytesIO(b"email\n" + b"\xff" * 1_200 + b"\n"))
    assert found.words == "Windows-1252, a guess"


def test_finding_takes_no_memory() -> None:
    """A large file in an older encoding, even one without line ends, is not held in memory."""
    source = io.BytesIO("José,".encode("cp1252") * 4_000_000)
    tracemalloc.start()
    told_from_bytes(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000


@pytest.mark.parametrize(
    ("label", "start", "codec"),
    [
        ("windows-1252", b"email", "cp1252"),
        ("latin1", b"email", "iso8859-1"),
        ("UTF8", b"email", "utf-8"),
        ("utf-8", b"\xef\xbb\xbfemail", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfee\0", "utf-16"),
        ("utf-16", b"e\0m\0a\0i\0", "utf-16-le"),
        ("utf-16", b"\0e\0m\0a\0i", "utf-16-be"),
        ("utf-16", b"email", "utf-16-le"),
        ("shift-jis", b"email", "shift_jis"),
        ("macintosh", b"email", "mac-roman"),
    ],
)
def test_the_operator_names_an_encoding(label: str, start: bytes, codec: str) -> None:
    """Common labels are known, and a mark at the file's start does not become a part of the first cell."""
    found = chosen(label, start)
    assert found is not None
    assert found.codec == codec
    assert found.words.endswith(", as chosen")


@pytest.mark.parametrize(
    "label",
    [
        "",
        "x",
        "rot13",
        "base64",
        "zlib",
        "hex",
        "idna",
        "punycode",
        "unicode_escape",
        "undefined",
        "a\0",
        "é",
    ],
)
def test_what_is_no_encoding_of_files(label: str) -> None:
    """Codecs that turn no bytes into text, and names of none, are refused."""
    assert chosen(label, b"email") is None


def test_the_chosen_encoding_is_used(tmp_path: Path) -> None:
    """The operator's choice counts more than what the bytes look like."""
    path = write_file(tmp_path, table_of(["Gyõzõ"]).encode("cp1252"))
    assert open_table(path).preview(1)[0].cells[1] == "Gyõzõ"
    assert open_table(path, Layout(encoding="windows-1250")).preview(1)[0].cells[1] == "Győző"


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='\0,"\r\n')), max_size=8))
def test_utf_8_is_always_found(names: list[str]) -> None:
    """Whatever the script, sound UTF-8 is never taken for anything else."""
    content = table_of(names).encode()
    assert told_at_once(content) is None
    assert told_from_bytes(io.BytesIO(content)).codec == "utf-8"


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding(content: bytes) -> None:
    """No bytes make the search fail, and what it finds can be read with."""
    encoding = told_at_once(content) or told_from_bytes(io.BytesIO(content))
    content.decode(encoding.codec, "replace")
    assert encoding.words
