"""How a file is read, or was read, in words: from the settings that a ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping

from consentdesk.display import plain, reason_words, scope_words
from consentdesk.doors.choices import Choices, from_settings
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.kinds import FileKind
from consentdesk.doors.spelled_times import DateOrder

_NAME_CELLS = 40
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_ORDERS = {
    DateOrder.DAY_FIRST: "the day comes first in its dates",
    DateOrder.MONTH_FIRST: "the month comes first in its dates",
    DateOrder.NEITHER: "dates that can be two days prove nothing",
}


def kind_of(settings: Mapping[str, str]) -> str:
    """The kind of file, in a word."""
    return plain(settings.get("kind", ""), _NAME_CELLS)


def settings_told(settings: Mapping[str, str]) -> list[str]:
    """How a file is read, as plain lines; as they are kept, where another version made them."""
    try:
        choices = from_settings(settings)
    except UnusableFile:
        return [f"{plain(name, _NAME_CELLS)}: {plain(text, _NAME_CELLS)}" for name, text in settings.items()]
    lines = [_what_rows_say(choices), _how_it_is_written(choices)]
    named = [name for name, column in choices.mapping.items() if column.casefold() == name.casefold()]
    columns = [
        f"{plain(column, _NAME_CELLS)} is {plain(name, _NAME_CELLS)}"
        for name, column in choices.mapping.items()
        if column and name not in named
    ]
    if named:
        lines.append(f"By their own names: {', '.join(plain(name, _NAME_CELLS) for name in named)}.")
    unread = [plain(name, _NAME_CELLS) for name, column in choices.mapping.items() if not column]
    if columns:
        lines.append(f"Columns: {'; '.join(columns)}.")
    if unread:
        lines.append(f"Read from no column: {', '.join(unread)}.")
    return lines


def _what_rows_say(choices: Choices) -> str:
    parts = [choices.kind.value]
    if choices.kind in (FileKind.SUPPRESSION, FileKind.SIGN_UPS):
        parts.append(scope_words(choices.channel, choices.list_name))
    if choices.kind is FileKind.SUPPRESSION:
        parts.append(reason_words(choices.reason))
    if choices.campaign is not None:
        parts.append(f"campaign “{plain(choices.campaign, _NAME_CELLS)}”")
    return f"Read as: {', '.join(parts)}."


def _how_it_is_written(choices: Choices) -> str:
    layout = choices.layout
    parts = []
    if layout.encoding is not None:
        parts.append(plain(layout.encoding, _NAME_CELLS))
    if layout.delimiter is not None:
        parts.append(DELIMITER_WORDS.get(layout.delimiter, plain(layout.delimiter)))
    if layout.has_header is not None:
        parts.append("with a header" if layout.has_header else "without a header")
    parts.append(f"times in {plain(choices.zone_name, _NAME_CELLS)}")
    if choices.region:
        parts.append(f"phone numbers of {plain(choices.region)}")
    if choices.date_order is not None:
        parts.append(_ORDERS[choices.date_order])
    return f"Written: {', '.join(parts)}."
