"""Settings: which ledger, which operator, which region and zone."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from consentdesk import settings
from consentdesk.settings import BadSetting, read_location, read_operator, read_settings


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("ledger.db", "ledger.db"),
        ("/var/lib/ledger.db", "/var/lib/ledger.db"),
        ("sqlite:///ledger.db", "ledger.db"),
        ("sqlite:////var/lib/ledger.db", "/var/lib/ledger.db"),
        ("SQLite:///ledger.db", "ledger.db"),
        ("odd:name.db", "odd:name.db"),
    ],
)
def test_location(text: str, path: str) -> None:
    """A ledger is a path, or a database URL with three slashes before it."""
    assert read_location(text) == Path(path)


def test_location_in_the_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde from an environment variable, which no shell has expanded, means the home directory."""
    monkeypatch.setenv("HOME", "/home/ann")
    assert read_location("~/ledger.db") == Path("/home/ann/ledger.db")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        (" ", "empty"),
        ("a\0b", "empty"),
        ("postgresql://host/db", "PostgreSQL"),
        ("postgresql+psycopg://host/db", "PostgreSQL"),
        ("postgres://host/db", "PostgreSQL"),
        ("mysql://host/db", "SQLite"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://ledger.db", "names no file"),
        ("sqlite:///ledger.db?mode=ro", "names no file"),
    ],
)
def test_location_that_cannot_be(text: str, told: str) -> None:
    """Any other location is refused in one sentence that says what to write."""
    with pytest.raises(BadSetting, match=told):
        read_location(text)


def test_where_the_ledger_is_told() -> None:
    """The option comes before the variable, the variable before the data directory; an empty one says nothing."""
    variable = {settings.LEDGER_VARIABLE: "variable.db"}
    assert read_settings(ledger="option.db", environment=variable).location == Path("option.db")
    assert read_settings(environment=variable).location == Path("variable.db")
    empty = read_settings(environment={settings.LEDGER_VARIABLE: ""})
    assert empty.location == settings.default_location() == read_settings(environment={}).location
    assert empty.location.name == "ledger.db"


def test_operator_is_the_login_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is logged in works here, unless somebody else is named."""
    monkeypatch.setattr(getpass, "getuser", lambda: " ann ")
    assert read_operator(None) == "ann"
    assert read_operator(" Bob ") == "Bob"


@pytest.mark.parametrize("error", [OSError, KeyError, ImportError])
def test_operator_without_a_login_name(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """Where nobody has a name, as in a container, there still is an operator."""

    def fail() -> str:
        raise error("no name")

    monkeypatch.setattr(getpass, "getuser", fail)
    assert read_operator(None)


@pytest.mark.parametrize("name", ["", "   ", "\x1b[2J\u202e", "\udcff"])
def test_operator_whose_login_name_is_unusable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A login name that cannot be written down does not keep anybody from working."""
    monkeypatch.setattr(getpass, "getuser", lambda: name)
    operator = read_operator(None)
    assert operator.isprintable()
    assert operator.strip()


@pytest.mark.parametrize("name", ["", "  ", "a\x1bb", "a\nb", "a\u202eb", "x" * 201])
def test_operator_that_cannot_be(name: str) -> None:
    """Every change is recorded under its operator, so a blank or hostile name is refused."""
    with pytest.raises(BadSetting):
        read_operator(name)


def test_region_and_zone() -> None:
    """Regions are read in any letter case; none is guessed. Times are in UTC when no zone was named."""
    told = read_settings(region=" au ", timezone="Australia/Sydney", environment={})
    assert (told.region, told.zone.key) == ("AU", "Australia/Sydney")
    untold = read_settings(environment={})
    assert (untold.region, untold.zone.key) == (None, "UTC")
    for wrong in ({"region": "ZZ"}, {"region": ""}, {"timezone": "Nowhere"}, {"timezone": ""}):
        with pytest.raises(BadSetting):
            read_settings(environment={}, **wrong)


def test_now_is_in_microseconds() -> None:
    """The clock gives whole microseconds since 1970, and goes on."""
    assert 1_700_000_000_000_000 < settings.now() <= settings.now()
