"""How a file is read: in sentences for people, and as one shape for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from consentdesk.display import channel_words, plain, scope_words
from consentdesk.display.json_imports import Reading
from consentdesk.doors.kinds import FileKind
from consentdesk.rules.vocabulary import is_known_reason, read_reason

if TYPE_CHECKING:
    from consentdesk.cli.import_options import FileOptions
    from consentdesk.doors.choices import Choices
    from consentdesk.doors.known_exports import Recognition
    from consentdesk.doors.prepared import Prepared

_NAME_CELLS = 40
_MOST_NAMES = 20
_DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


def reading_notes(prepared: Prepared, recognition: Recognition, asked: FileOptions) -> Iterator[str]:
    """How a file is read, in sentences; ``asked`` is what was said about it."""
    choices, table = prepared.choices, prepared.table
    meaning = _meaning(choices)
    if recognition.words and _is_as_told(prepared, recognition):
        yield f"{recognition.words[0].upper()}{recognition.words[1:]}: {meaning}."
        yield from recognition.notes
    elif recognition.words:
        yield f"It {recognition.words}, and is read as {choices.kind}: {meaning}."
    else:
        yield f"Read as {choices.kind}{'' if asked.kind is None else ', as chosen'}: {meaning}."
    header = "the first row names the columns" if table.header else "no row names the columns"
    if table.header and table.preamble:
        header = "lines before the table name the columns"
    delimiter = f" The delimiter is the {_DELIMITER_WORDS[table.delimiter]};" if table.width > 1 else ""
    yield f"{table.encoding_words}.{delimiter or ' One column;'} {header}."
    names, fields = prepared.column_names, prepared.recognised.field_at
    yield f"Read: {_some([_column(names[place], fields[place]) for place in sorted(fields)])}."
    ignored = [plain(name, _NAME_CELLS) for name in prepared.recognised.ignored]
    if ignored:
        yield f"Not read: {_some(ignored)}."
    if asked.reason is not None and not is_known_reason(reason := read_reason(asked.reason)):
        yield (
            f"'{plain(reason, _NAME_CELLS)}' is none of the documented reasons: it is kept as it came, and counts "
            "as user_opt_out."
        )
    yield from prepared.warnings


def reading_of(prepared: Prepared, recognition: Recognition) -> Reading:
    """How a file is read, for scripts."""
    recognised = prepared.recognised
    return Reading(
        kind=prepared.choices.kind.value,
        looks_like=recognition.words or None,
        encoding=prepared.table.encoding,
        delimiter=prepared.table.delimiter,
        header=prepared.header,
        columns=dict(recognised.columns),
        not_read=tuple(recognised.ignored),
        notes=recognition.notes if _is_as_told(prepared, recognition) else (),
        warnings=prepared.warnings,
    )


def _is_as_told(prepared: Prepared, recognition: Recognition) -> bool:
    """Whether the file is read as what it looks like."""
    return prepared.choices.kind is recognition.choices.kind


def _meaning(choices: Choices) -> str:
    scope = (
        channel_words(choices.channel)
        if choices.list_name is None
        else scope_words(choices.channel, choices.list_name)
    )
    match choices.kind:
        case FileKind.STATUSES:
            return "its columns say who is subscribed"
        case FileKind.SUPPRESSION:
            return f"every row is an opt-out on {scope}"
        case FileKind.CARRIER:
            return "every row is a number that was given up"
        case FileKind.SIGN_UPS:
            return f"every row is an opt-in on {scope} under “{plain(choices.campaign or '', _NAME_CELLS)}”"


def _column(name: str, field: str) -> str:
    return field if name == field else f"{plain(name, _NAME_CELLS)} as {field}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")
