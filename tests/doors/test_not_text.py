"""What is no text table is named as what it is, and what is one is not mistaken for anything else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from door_files import write_file

from consentdesk.doors.csv_file import UnusableFile, open_table


def zipped(*entries: str, content: str = "x") -> bytes:
    """A ZIP archive with these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in entries:
            archive.writestr(entry, content)
    return buffer.getvalue()


MAIL = b"From: ann@example.com\r\nTo: bo@example.org\r\nSubject: the list\r\n\r\nHere it is.\r\n"
RECEIVED = (
    b"Received: from mail.example.net\r\n\tby mx.example.org\r\nDate: Tue, 3 Mar 2026 14:02:05 +0000\r\n\r\n"
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook"),
        (zipped("[Content_Types].xml", "_rels/.rels", "docProps/app.xml"), "Excel workbook"),
        (zipped("[Content_Types].xml", "word/document.xml"), "Office document"),
        (
            zipped("mimetype", content="application/vnd.oasis.opendocument.spreadsheet"),
            "OpenDocument spreadsheet",
        ),
        (zipped("mimetype", content="application/vnd.oasis.opendocument.text"), "OpenDocument file"),
        (zipped("Index/Document.iwa", "Index/Tables/DataList.iwa"), "Numbers spreadsheet"),
        (zipped("people.csv"), "ZIP archive"),
        (zipped(), "ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "PNG image"),
        (b"\xff\xd8\xff\xe0" + bytes(30), "JPEG image"),
        (gzip.compress(b"email\na@example.com\n", mtime=0), "gzip archive"),
        (bz2.compress(b"email\na@example.com\n"), "bzip2 archive"),
        (lzma.compress(b"email\na@example.com\n"), "xz archive"),
        (b"SQLite format 3\x00" + bytes(30), "SQLite database"),
        (b"PAR1\x15\x04\x15\x10" + bytes(30) + b"PAR1", "Parquet file"),
        (b"Obj\x01\x04\x16avro.schema", "Avro file"),
        (b"{\\rtf1\\ansi", "rich text"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf \r\n<HTML><body>", "web page"),
        (b"<table><tr><td>email</td></tr></table>", "web page"),
        ("<html>".encode("utf-16"), "web page"),
        (b'<?xml version="1.0"?>\n<Workbook>', "markup document"),
        (b'[{"email": "a@example.com"}]', "JSON"),
        (b'{\r\n  "email": "a@example.com"\r\n}', "JSON"),
        (b'["a@example.com"]', "JSON"),
        (b"[]\n", "JSON"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\nEMAIL:a@example.com\r\nEND:VCARD\r\n", "contact cards (vCard)"),
        (b"BEGIN:VCALENDAR\r\n", "calendar"),
        (MAIL, "email message"),
        (RECEIVED, "email message"),
        (b"From ann@example.com Tue Mar  3 14:02:05 2026\n" + RECEIVED, "email message"),
        (bytes(range(256)) * 4, "not text"),
        ("email\na@example.com\n".encode("utf-32-le"), "not text"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(200), "not text"),
        (b"Stra\xdfe,email\n" + "Ångström".encode(), "header"),
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"\n \n\r\n", "empty"),
        (b"sep=;\r\n", "empty"),
        (b",,\n", "names none"),
        (b"email,,Column 2\n", "same name"),
        (b"email, Email ,status\n", "same name"),
        (b"sep=^\nemail^name\n", "delimiter"),
        (b"Delimiter: ^\nFields: mdn\n+15555550100\n", "delimiter"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # archives hold the time they were made at
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, words: str) -> None:
    """A file that is no table is named as what it is, in one sentence that says what to do."""
    with pytest.raises(UnusableFile) as caught:
        open_table(write_file(tmp_path, content))
    sentence = str(caught.value)
    assert words in sentence
    assert "people.csv" in sentence
    assert ": " in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "first", ["[vip]_subscription_status", "{name}", "From: name", "<3", "[2026]", "BEGIN"]
)
def test_columns_with_odd_names_are_columns(tmp_path: Path, first: str) -> None:
    """A header that merely begins like another format is a header."""
    table = open_table(write_file(tmp_path, f"{first},email\nx,a@example.com\n"))
    assert table.header == (first, "email")
