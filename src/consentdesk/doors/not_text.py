"""What a file is that is no text table, told by its first bytes and named in one sentence."""

from __future__ import annotations

_WORKBOOK = "is an Excel workbook, not a text table: open it and save the sheet as CSV UTF-8."
_SAVE_AS = "export the table as CSV UTF-8 and load that."

_BY_FIRST_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook or another Office document: " + _SAVE_AS),
    (b"%PDF", "is a PDF document, not a text table: ask for the table itself as CSV UTF-8."),
    (b"\x89PNG\r\n\x1a\n", "is a PNG image, not a text table: " + _SAVE_AS),
    (b"\xff\xd8\xff", "is a JPEG image, not a text table: " + _SAVE_AS),
    (b"GIF8", "is a GIF image, not a text table: " + _SAVE_AS),
    (b"II*\x00", "is a TIFF image, not a text table: " + _SAVE_AS),
    (b"MM\x00*", "is a TIFF image, not a text table: " + _SAVE_AS),
    (b"\x1f\x8b", "is a gzip archive: unpack it and load the CSV file inside."),
    (b"BZh", "is a bzip2 archive: unpack it and load the CSV file inside."),
    (b"\xfd7zXZ\x00", "is an xz archive: unpack it and load the CSV file inside."),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it and load the CSV file inside."),
    (b"Rar!\x1a\x07", "is a RAR archive: unpack it and load the CSV file inside."),
    (b"SQLite format 3\x00", "is an SQLite database, not a text table: " + _SAVE_AS),
    (b"{\\rtf", "is a rich text document, not a text table: " + _SAVE_AS),
)
"""The signatures that the formats' own specifications give."""

_MARKUP = (b"<!doctype html", b"<html", b"<?xml")

_TEXT_CONTROLS = frozenset(b"\t\x0b\x0c\x1b")


def what_it_is(start: bytes) -> str | None:
    """The end of a sentence about a file that begins with ``start`` ("is a PDF document, …").

    ``None`` when it looks like text in UTF-8, or in UTF-16 with its byte order mark.
    """
    if start.startswith(b"PK\x03\x04") or start.startswith(b"PK\x05\x06"):
        return _kind_of_zip(start)
    for signature, sentence in _BY_FIRST_BYTES:
        if start.startswith(signature):
            return sentence
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith(_MARKUP):
        return "is a web page or another markup document, not a text table: " + _SAVE_AS
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
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
    if b"xl/" in start:
        return _WORKBOOK
    if b"[Content_Types].xml" in start:
        # Word and PowerPoint begin alike; the folder that tells them apart may come later.
        if b"word/" in start or b"ppt/" in start:
            return "is an Office document, not a text table: " + _SAVE_AS
        return _WORKBOOK
    return "is a ZIP archive: unpack it and load the CSV file inside."
