"""Which ledger, which operator, which default region and time zone; where a face gets its `Ledger`.

The composition root: the only place that reads the clock, the environment and the login name, and the
only one that opens a ledger. Importing it costs next to nothing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.facts import Moment

if TYPE_CHECKING:
    from consentdesk.ledger.keys import KeyStore
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.reader import Reader

LEDGER_VARIABLE = "CONSENTDESK_LEDGER"
"""The environment variable that says where the ledger is: a path, or a database URL."""

KEYS_VARIABLE = "CONSENTDESK_KEYS"
"""The environment variable that names the folder with the keys of erased addresses. Everybody who records opt-ins
in a ledger needs its key: a team keeps them in a folder that all of them can read."""

MAX_OPERATOR = 200

_UTC = ZoneInfo("UTC")


class BadSetting(BadRequest):
    """A ledger location, operator, region or time zone that cannot be; ``str()`` is one sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a face was told before its first verb. ``region`` is ``None`` when none was chosen.

    ``keys`` is the folder with the keys of erased addresses, ``None`` for the user's own.
    """

    location: Path
    operator: str
    region: str | None = None
    zone: ZoneInfo = _UTC
    keys: Path | None = None


def read_settings(
    *,
    ledger: str | None = None,
    operator: str | None = None,
    region: str | None = None,
    timezone: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings from what a person wrote; ``None`` leaves the default. Raises `BadSetting`."""
    return Settings(
        location=read_location(ledger if ledger is not None else environment.get(LEDGER_VARIABLE) or None),
        operator=read_operator(operator),
        region=read_region(region),
        zone=read_timezone(timezone),
        keys=Path(environment[KEYS_VARIABLE]) if environment.get(KEYS_VARIABLE) else None,
    )


def open_ledger(
    settings: Settings,
    *,
    create: bool,
    on_create: Callable[[Path], None] | None = None,
    on_migrate: Callable[[Path], None] | None = None,
    check_whole: bool = True,
) -> Ledger:
    """The ledger of these settings. Raises `LedgerFault`, among them `NoLedger` where nothing is.

    ``on_create`` is told where a new ledger was made, the rest is as in `Ledger.open`.
    """
    from consentdesk.ledger.ledger import Ledger

    return Ledger.open(
        settings.location,
        clock=now,
        operator=settings.operator,
        create=create,
        on_create=on_create,
        on_migrate=on_migrate,
        check_whole=check_whole,
        keys=_key_store(settings),
    )


def open_reader(settings: Settings, on_migrate: Callable[[Path], None] | None = None) -> Reader:
    """The ledger of these settings for looking things up, which is open sooner. Raises `LedgerFault`."""
    from consentdesk.ledger.reader import Reader

    return Reader.open(
        settings.location,
        clock=now,
        operator=settings.operator,
        on_migrate=on_migrate,
        keys=_key_store(settings),
    )


def now() -> Moment:
    """The present moment."""
    return Moment(time.time_ns() // 1000)


def default_location() -> Path:
    """Where a user's ledger is when nobody says otherwise."""
    from platformdirs import user_data_path

    return user_data_path("consentdesk", appauthor=False) / "ledger.db"


def _key_store(settings: Settings) -> KeyStore:
    from consentdesk.ledger.keys import KeyStore

    chosen = settings.keys
    return KeyStore(_users_keys if chosen is None else lambda: chosen)


def _users_keys() -> Path:
    from platformdirs import user_config_path

    return user_config_path("consentdesk", appauthor=False) / "erasure-keys"


def read_location(text: str | None) -> Path:
    """A ledger's path, from a path or a database URL such as ``sqlite:///ledger.db``."""
    if text is None:
        return default_location()
    url = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", text, re.DOTALL)
    if url is not None:
        text = _path_in_url(url[1].lower(), url[2])
    if not text.strip() or "\0" in text:
        raise BadSetting("The ledger's location is empty: give the path of a file, or sqlite:///PATH.")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise BadSetting("The ledger's location starts with ~, and no home directory is known.") from None


def read_operator(text: str | None) -> str:
    """Who works at the desk; the login name when ``text`` is ``None``."""
    operator = (_login_name() if text is None else text).strip()
    if not operator or len(operator) > MAX_OPERATOR or not operator.isprintable():
        raise BadSetting(
            f"The operator needs a name of 1 to {MAX_OPERATOR} printable characters: every change is "
            "recorded under it."
        )
    return operator


def read_region(text: str | None) -> str | None:
    """A region whose national phone spellings are read, in any letter case."""
    if text is None:
        return None
    from consentdesk.rules.phones import is_region

    region = text.strip().upper()
    if not is_region(region):
        raise BadSetting("There is no such region: give a country's two letters, such as AU, DE or US.")
    return region


def read_timezone(text: str | None) -> ZoneInfo:
    """The time zone of times that name none; UTC when nobody chose one."""
    from consentdesk.rules.times import UnknownZone, read_zone

    try:
        return read_zone("UTC" if text is None else text)
    except UnknownZone as error:
        raise BadSetting(error.sentence) from None


def _path_in_url(scheme: str, rest: str) -> str:
    if scheme.startswith("postgres"):
        raise BadSetting("PostgreSQL is not supported yet: give a path, or sqlite:///PATH.")
    if scheme != "sqlite":
        raise BadSetting("Only ledgers on SQLite are supported: give a path, or sqlite:///PATH.")
    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path or path == ":memory:" or "?" in path:
        raise BadSetting("This URL names no file: write sqlite:///PATH, with three slashes and no options.")
    return path


def _login_name() -> str:
    """The name of whoever is logged in; in a container there may be a number only."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = ""
    if name.strip() and name.isprintable() and len(name) <= MAX_OPERATOR:
        return name
    return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
