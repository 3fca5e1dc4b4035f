"""The kinds of files that can be loaded."""

from __future__ import annotations

from enum import StrEnum


class FileKind(StrEnum):
    """What every row of a file says."""

    STATUSES = "statuses"
    SUPPRESSION = "suppression"
    CARRIER = "carrier"
    SIGN_UPS = "sign-ups"


KIND_WORDS = {
    FileKind.STATUSES: "statuses: columns say who is subscribed",
    FileKind.SUPPRESSION: "suppression list: every row is an opt-out",
    FileKind.CARRIER: "carrier deactivations: every row is a number that was given up",
    FileKind.SIGN_UPS: "sign-ups: every row is an opt-in under one campaign",
}
"""Each kind in plain words, for choosing."""
