"""Looking at a file before anything is chosen: whose it is, and the choices that fit it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from consentdesk.doors.carrier_file import DATE_COLUMNS
from consentdesk.doors.choices import Choices
from consentdesk.doors.csv_file import AS_FOUND, Layout, Table, looks_like_data, open_table
from consentdesk.doors.formats import PLAIN, Format
from consentdesk.doors.kinds import FileKind
from consentdesk.doors.known_formats import FORMAT_OF, MAILCHIMP_SUBSCRIBED, VIBES_OPT_OUTS, format_of
from consentdesk.doors.mended import REPORT_COLUMNS
from consentdesk.doors.quoting import quoted
from consentdesk.doors.spellings import ALSO_CALLED, spelled
from consentdesk.rules.addresses import space_of_text
from consentdesk.rules.vocabulary import Channel, Space

_FIRST_ROWS = 20

_BARE_NOTE = (
    "Nothing in it says what the people want: it is taken for a list of people who want nothing, the safe side. "
    "If they signed up, choose sign-ups and the campaign they signed up under."
)


_NOT_SUBSCRIBED = re.compile(r"non[-_ ]?subscribed|transactional", re.IGNORECASE)
"""What Mailchimp calls its files of customers who never agreed; their columns are those of its subscribers."""

_NEVER_AGREED = "These people never agreed to anything: read as statuses, the file subscribes nobody."


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a file looks like.

    ``words`` says it ("looks like a Mailchimp unsubscribed export"), "" when nothing is certain. ``choices``
    fit the file, and are the usual ones where it is not known; region, time zone and campaign stay to be
    chosen. ``notes`` are sentences to be read before loading it.
    """

    words: str
    choices: Choices
    notes: tuple[str, ...] = ()


def look(path: Path, layout: Layout = AS_FOUND) -> Recognition:
    """Whose file it is, told by its columns. Raises `UnusableFile`."""
    table = open_table(path, layout, is_bare=looks_like_data)
    if not table.header:
        return _look_without_header(table, layout)
    form = format_of(table)
    if form.name == MAILCHIMP_SUBSCRIBED and _NOT_SUBSCRIBED.search(path.name):
        return Recognition(
            "looks like a Mailchimp non-subscribed export", Choices(layout=layout), (_NEVER_AGREED,)
        )
    if form is not PLAIN:
        return _of_format(form, table, layout)
    names = {spelled(name) for name in table.header if name.strip().casefold() not in REPORT_COLUMNS}
    if names.intersection(DATE_COLUMNS) and _has(names, "phone"):
        return _deactivations(layout)
    if len(names) == 1 and _has(names, "email"):
        return _list_of_addresses(Channel.EMAIL, layout)
    if len(names) == 1 and _has(names, "phone"):
        return _list_of_addresses(Channel.SMS, layout)
    if names == {"address"}:
        return _look_at_addresses(table, layout)
    return Recognition("", Choices(layout=layout))


def _look_at_addresses(table: Table, layout: Layout) -> Recognition:
    """A table of nothing but addresses, as the refused rows of a bare list are."""
    place = next(place for place, name in enumerate(table.header) if spelled(name) == "address")
    rows = [record.cells[place] for record in table.preview(_FIRST_ROWS) if record.fault is None]
    spaces = {space_of_text(cell.strip()) for cell in rows}
    for channel, space in ((Channel.EMAIL, Space.EMAIL), (Channel.SMS, Space.PHONE)):
        # The rows were refused: some of them may be no addresses at all.
        if spaces - {None} == {space}:
            return _list_of_addresses(channel, layout)
    return Recognition("", Choices(layout=layout))


def _look_without_header(table: Table, layout: Layout) -> Recognition:
    """A bare list of addresses, or of numbers and days; the first rows must agree."""
    rows = [record.cells for record in table.preview(_FIRST_ROWS) if record.fault is None]
    spaces = {space_of_text(cells[0].strip()) for cells in rows}
    if table.width == 1 and spaces == {Space.EMAIL}:
        return _list_of_addresses(Channel.EMAIL, layout)
    if table.preamble and spaces == {Space.PHONE}:
        return _of_format(FORMAT_OF[VIBES_OPT_OUTS], table, layout)
    if table.width == 1 and spaces == {Space.PHONE}:
        return _list_of_addresses(Channel.SMS, layout)
    if table.width == 2 and spaces == {Space.PHONE} and all(_is_day(cells) for cells in rows):
        return _deactivations(layout)
    return Recognition("", Choices(layout=layout))


def _of_format(form: Format, table: Table, layout: Layout) -> Recognition:
    choices = Choices(
        form.kind, channel=form.channel, reason=form.reason, layout=layout, format_name=form.name
    )
    number = table.preamble.get("subscription-list-id", "").strip()
    about = (f"Its header lines name the list {quoted(number)}.",) if number else ()
    return Recognition(f"looks like {form.words}", choices, (*about, *form.notes))


def _list_of_addresses(channel: Channel, layout: Layout) -> Recognition:
    what = "email addresses" if channel is Channel.EMAIL else "phone numbers"
    choices = Choices(FileKind.SUPPRESSION, channel=channel, layout=layout)
    return Recognition(f"looks like a bare list of {what}", choices, (_BARE_NOTE,))


def _deactivations(layout: Layout) -> Recognition:
    return Recognition("looks like a carrier's deactivation file", Choices(FileKind.CARRIER, layout=layout))


def _has(names: set[str], field_name: str) -> bool:
    return bool(names.intersection({field_name, *ALSO_CALLED[field_name]}))


def _is_day(cells: Sequence[str]) -> bool:
    digits = "".join(character for character in cells[1] if character.isdecimal())
    return len(digits) >= 6 and all(
        character.isdecimal() or character in "-/. :TZ+" for character in cells[1]
    )
