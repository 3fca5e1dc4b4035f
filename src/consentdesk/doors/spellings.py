"""How other programs call the columns that every kind of file has."""

from __future__ import annotations

import re

ALSO_CALLED = {
    "email": ("e mail", "email address", "e mail address"),
    # Texts go to the mobile phone, where a file has a number for each.
    "phone": (
        "mobile phone number",
        "mobile number",
        "mobile phone",
        "mobile",
        "cell phone number",
        "cell phone",
        "cell",
        "phone number",
        "telephone number",
        "telephone",
        "mdn",
        "msisdn",
    ),
    "address": ("contact",),
    "first_name": ("firstname", "given name", "forename", "fname"),
    "last_name": ("lastname", "surname", "family name", "lname"),
    # No other system's own number of a contact: two systems count from 1, and would make one person of two.
    "external_id": ("externalid", "user id", "userid"),
    "consented_at": (
        "consent date",
        "consent time",
        "consent timestamp",
        "opted in at",
        "opted in on",
        "opt in date",
        "opt in time",
        "optin date",
        "optin time",
        "subscribed at",
        "subscribed on",
        "subscribe date",
        "date subscribed",
        "signed up at",
        "sign up date",
        "signup date",
    ),
    "opted_out_at": (
        "opted out on",
        "opt out date",
        "opt out time",
        "optout date",
        "optout time",
        "unsubscribed at",
        "unsubscribed on",
        "unsubscribe date",
        "unsubscribe time",
        "date unsubscribed",
        "suppressed at",
    ),
    "reason": ("opt out reason", "optout reason"),
}
"""Further names of fields, the best first, as `spelled` makes them."""


def spelled(name: str) -> str:
    """A column's name without letter case and punctuation: ``E-mail_Address`` is ``e mail address``."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()
