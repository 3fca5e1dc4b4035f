"""What a file of a known system is: how it is told, and how its columns are read.

A format knows words and columns only; whether anything may be so is for the rules. The formats themselves
are in `consentdesk.doors.known_formats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consentdesk.doors.columns import list_named_by
from consentdesk.doors.kinds import FileKind
from consentdesk.doors.opt_out_columns import is_status_column, speaks_of_opt_outs
from consentdesk.rules.vocabulary import Channel, Kind, Reason, UnknownWord, read_status


@dataclass(frozen=True, slots=True)
class StatusWords:
    """How the cells of a column say a status, where they have words of their own.

    ``words`` has the meaning of each word in small letters, ``None`` for one that says nothing; where
    ``has_ordinary`` is true, the words of the rules follow. ``any_other`` is what every other text means, and
    ``None`` makes it an unknown word. ``reason`` is that of the column's opt-outs. Where ``has_flags`` is false,
    "true", "no" and the like are unknown words: of what they are true cannot be known. Blank says nothing, always.
    """

    words: Mapping[str, Kind | None] = field(default_factory=dict)
    any_other: Kind | None = None
    reason: str | None = None
    has_ordinary: bool = False
    has_flags: bool = True

    def read(self, text: str) -> Kind | None:
        """The kind of event a cell asks for. Raises `UnknownWord`."""
        word = text.strip().lower()
        if not word:
            return None
        if word in self.words:
            return self.words[word]
        if word in FLAG_WORDS and not self.has_flags:
            raise UnknownWord(text)
        if self.has_ordinary:
            return read_status(word)
        if self.any_other is None:
            raise UnknownWord(text)
        return self.any_other


FLAG_WORDS: Mapping[str, Kind | None] = {
    "true": Kind.OPT_OUT,
    "yes": Kind.OPT_OUT,
    "1": Kind.OPT_OUT,
    "false": None,
    "no": None,
    "0": None,
}
"""A flag of people who opted out. Not having opted out is no consent."""

ORDINARY_WORDS = StatusWords(has_ordinary=True)
"""The words of the rules."""

_FLAG_OR_STATUS = StatusWords(FLAG_WORDS, has_ordinary=True)

_WORDS_ONLY = StatusWords(has_ordinary=True, has_flags=False)


@dataclass(frozen=True, slots=True)
class StatusField:
    """A further field of a statuses file: what it says is about a whole channel."""

    name: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Format:
    """One system's file.

    ``words`` completes "looks like …". ``needs`` is how it is told: of each group of columns one must be
    there (in any letter case and order, among any others). ``needs_preamble`` says that header lines must stand
    before the table, ``needs_list`` that a column must hold the states on a list.

    ``columns`` has the columns of a field in the order in which the first that is not blank counts; none at
    all keeps a field from being read by its own name. A field of ``only_beside`` is blank where that other
    column is blank, whatever its own columns hold. ``statuses`` are fields of its own, ``cells`` how the
    columns of statuses are read, by column in small letters. Columns that begin with ``list_prefix`` hold the
    states on the email list of the rest of their name, read by ``list_words``. ``is_one_scope_a_row`` says
    that each row is about one contact point in one scope, ``is_about_lists`` that this scope is always a list, and
    ``cells_are_protected`` that formulas were given an apostrophe.

    ``channel`` and ``reason`` are for the kinds that choose them, and for rows that do not say; ``reasons``
    translates the words of a reason's column, ``channel_marks`` are what stands before the addresses of other
    channels. ``notes`` are sentences that the operator should read before loading it.
    """

    name: str = ""
    words: str = ""
    kind: FileKind = FileKind.STATUSES
    needs: tuple[tuple[str, ...], ...] = ()
    needs_preamble: bool = False
    needs_list: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only_beside: Mapping[str, str] = field(default_factory=dict)
    statuses: tuple[StatusField, ...] = ()
    cells: Mapping[str, StatusWords] = field(default_factory=dict)
    list_prefix: str = ""
    list_words: StatusWords = ORDINARY_WORDS
    is_one_scope_a_row: bool = False
    is_about_lists: bool = False
    cells_are_protected: bool = False
    channel: Channel = Channel.EMAIL
    reason: str = Reason.BULK_OPT_OUT
    reasons: Mapping[str, str] = field(default_factory=dict)
    channel_marks: Mapping[str, Channel] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def fits(self, header: Sequence[str], *, has_preamble: bool) -> bool:
        """Whether a table is one of these."""
        names = {name.strip().casefold() for name in header}
        return (
            bool(self.needs)
            and has_preamble >= self.needs_preamble
            and all(names.intersection(group) for group in self.needs)
            and (not self.needs_list or any(self.list_of(name) is not None for name in header))
        )

    def list_of(self, column: str) -> str | None:
        """The list whose states a column holds."""
        name = column.strip()
        if self.list_prefix and name.casefold().startswith(self.list_prefix):
            return name[len(self.list_prefix) :].strip() or None
        return list_named_by(column)

    def status_words(self, column: str) -> StatusWords:
        """How the cells of a column say a status.

        It belongs to the column, not to the field that it is read as: "true" in a column of opt-outs is
        never an opt-in, whatever an operator takes the column for, and in a column of any other name it is
        no word at all.
        """
        name = column.strip().casefold()
        if self.list_prefix and name.startswith(self.list_prefix):
            return self.list_words
        if name in self.cells:
            return self.cells[name]
        if speaks_of_opt_outs(name):
            return _FLAG_OR_STATUS
        return ORDINARY_WORDS if is_status_column(name) else _WORDS_ONLY


PLAIN = Format()
"""No system's file in particular."""


def first_that_fits(formats: Sequence[Format], header: Sequence[str], *, has_preamble: bool) -> Format:
    """The format of a table, or `PLAIN`."""
    return next((each for each in formats if each.fits(header, has_preamble=has_preamble)), PLAIN)
