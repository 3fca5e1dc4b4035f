"""What a file is that is no text table, told by its first bytes and named in one sentence."""

from __future__ import annotations

import re

from consentdesk.doors.encodings import Encoding

_WORKBOOK = "is an Excel workbook, not a text table: open it and save the sheet as CSV UTF-8."
_SAVE_AS = "export the table as CSV UTF-8 and load that."
_UNPACK = "unpack it and load the CSV file inside."

_BY_FIRST_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook or another Office document: " + _SAVE_AS),
    (b"%PDF", "is a PDF document, not a text table: ask for the table itself as CSV UTF-8."),
    (b"\x89PNG\r\n\x1a\n", "is a PNG image, not a text table: " + _SAVE_AS),
    (b"\xff\xd8\xff", "is a JPEG image, not a text table: " + _SAVE_AS),
    (b"GIF8", "is a GIF image, not a text table: " + _SAVE_AS),
    (b"II*\x00", "is a TIFF image, not a text table: " + _SAVE_AS),
    (b"MM\x00*", "is a TIFF image, not a text table: " + _SAVE_AS),
    (b"\x1f\x8b", "is a gzip archive: " + _UNPACK),
    (b"BZh", "is a bzip2 archive: " + _UNPACK),
    (b"\xfd7zXZ\x00", "is an xz archive: " + _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: " + _UNPACK),
    (b"Rar!\x1a\x07", "is a RAR archive: " + _UNPACK),
    (b"\x28\xb5\x2f\xfd", "is a Zstandard archive: " + _UNPACK),
    (b"SQLite format 3\x00", "is an SQLite database, not a text table: " + _SAVE_AS),
    (b"PAR1", "is a Parquet file, not a text table: " + _SAVE_AS),
    (b"ORC\n", "is an ORC file, not a text table: " + _SAVE_AS),
    (b"Obj\x01", "is an Avro file, not a text table: " + _SAVE_AS),
    (b"{\\rtf", "is a rich text document, not a text table: " + _SAVE_AS),
)
"""The signatures that the formats' own specifications give."""

_MAIL_HEADER = (
    r"(?:From|To|Subject|Date|Message-ID|Received|Return-Path|Delivered-To|MIME-Version"
    r"|DKIM-Signature|Reply-To)"
)

_BY_FIRST_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"<(?:!doctype|!--|\?xml|html|head|meta|style|body|table|div)\b", re.IGNORECASE),
        "is a web page or another markup document, not a text table: " + _SAVE_AS,
    ),
    (
        # Segment's own columns begin with a bracket: [group]_subscription_status.
        re.compile(r'\{\s*["}]|\[\s*[\[{"]|\[\s*\]\s*$'),
        "is JSON, not a text table: " + _SAVE_AS,
    ),
    (
        re.compile(r"BEGIN:VCARD\b", re.IGNORECASE),
        "is a file of contact cards (vCard), not a text table: export the contacts as CSV UTF-8 and load that.",
    ),
    (
        re.compile(r"BEGIN:VCALENDAR\b", re.IGNORECASE),
        "is a calendar, not a text table: " + _SAVE_AS,
    ),
    (
        # Two header lines, or a mailbox's line and one, since a column may be called "From: name".
        re.compile(
            rf"(?:From [^\n]*\n|{_MAIL_HEADER}: [^\n]*\n(?:[ \t][^\n]*\n)*){_MAIL_HEADER}: ", re.IGNORECASE
        ),
        "is an email message, not a text table: save the file that is attached to it, and load that.",
    ),
)
"""What the beginning of a text says, blank space before it left out and lines ended by a line feed."""

_TEXT_CONTROLS = frozenset(b"\t\x0b\x0c\x1b")


def what_it_is(start: bytes, encoding: Encoding | None) -> str | None:
    """The end of a sentence about a file that begins with ``start`` ("is a PDF document, …").

    ``None`` when it looks like a text table. ``encoding`` is what is known of it; ``None`` for a text that
    has ASCII in it one byte each.
    """
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _kind_of_zip(start)
    for signature, sentence in _BY_FIRST_BYTES:
        if start.startswith(signature):
            return sentence
    text = start.decode(encoding.codec if encoding is not None else "latin-1", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \t\n")
    for beginning, sentence in _BY_FIRST_TEXT:
        if beginning.match(text):
            return sentence
    if encoding is not None and encoding.is_wide:
        return None
    # A damaged row further down costs that row only; what starts with control characters is no text at all.
    first_line = start.lstrip(b"\r\n").partition(b"\n")[0].partition(b"\r")[0]
    if any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in first_line):
        return "is not text: save the table as CSV UTF-8 and load that."
    return None


def _kind_of_zip(start: bytes) -> str:
    """Office documents are ZIP archives; which one stands in the names of the first entries."""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in start:
        return "is an OpenDocument spreadsheet, not a text table: open it and save the sheet as CSV UTF-8."
    if b"mimetypeapplication/vnd.oasis.opendocument" in start:
        return "is an OpenDocument file, not a text table: " + _SAVE_AS
    if b"xl/" in start:
        return _WORKBOOK
    if b"[Content_Types].xml" in start:
        # Word and PowerPoint begin alike; the folder that tells them apart may come later.
        if b"word/" in start or b"ppt/" in start:
            return "is an Office document, not a text table: " + _SAVE_AS
        return _WORKBOOK
    if b"Index/Document.iwa" in start or b"Index/Tables/" in start:
        return "is a Numbers spreadsheet, not a text table: open it and export the sheet as CSV (UTF-8)."
    return "is a ZIP archive: " + _UNPACK
