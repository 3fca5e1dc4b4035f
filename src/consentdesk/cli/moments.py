"""Moments that a question is about, as options give them: a coarse time counts to its last instant, and is told so."""

from __future__ import annotations

from datetime import tzinfo

from consentdesk.cli.output import note
from consentdesk.display.words import exactly
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import FutureTime, GivenTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import Kind
from consentdesk.settings import now


def as_of(text: str | None, zone: tzinfo, option: str) -> Moment | None:
    """The moment a question is about; of a day, a minute or a second its last instant, and never after now.

    Raises `BadRequest`, which names the ``option``.
    """
    if text is None:
        return None
    given = given_time(text, zone, option)
    try:
        moment = own_time(given, Kind.OPT_OUT, now())
    except FutureTime as error:
        raise BadRequest(f"{option} {text}: {error.sentence}") from None
    if given.first != given.last:
        end = "to its end" if moment == given.last else "until now"
        note(f"{option} {text.strip()} counts {end}: {exactly(moment, zone)}.")
    return moment


def given_time(text: str, zone: tzinfo, option: str) -> GivenTime:
    """The first and the last instant that a time can mean. Raises `BadRequest`, which names the ``option``."""
    try:
        return read_time(text, zone)
    except UnreadableTime as error:
        raise BadRequest(f"{option} {text}: {error.sentence}") from None
