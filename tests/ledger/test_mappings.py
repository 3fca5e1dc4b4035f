"""Saved mappings: found again by header, replaced by name, deleted without harm."""

from __future__ import annotations

import pytest
from ledger_kit import AGENT, HandClock

from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.ledger import Ledger

HEADER = ("E-Mail", "Kunde")
SETTINGS = {"kind": "statuses", "column.email": "E-Mail"}


def test_a_mapping_is_offered_for_the_same_header(ledger: Ledger) -> None:
    """A saved mapping is found for files with its header, in any letter case, and for no other."""
    ledger.save_mapping(" Shop ", HEADER, SETTINGS, AGENT)
    [found] = ledger.mappings(["e-mail ", "KUNDE"])
    assert (found.name, found.header, found.settings, found.operator) == ("Shop", HEADER, SETTINGS, "kim")
    assert ledger.mappings(["Kunde", "E-Mail"]) == ()
    assert ledger.mappings(["E-Mail"]) == ()


def test_saving_again_replaces(ledger: Ledger, clock: HandClock) -> None:
    """One name has one mapping: the last that was saved under it, in any letter case."""
    ledger.save_mapping("Shop", HEADER, SETTINGS, AGENT)
    clock.wind()
    ledger.save_mapping("SHOP", ["a"], {"kind": "carrier"}, AGENT)
    assert [(each.name, each.header) for each in ledger.mappings()] == [("SHOP", ("a",))]
    assert [each.what for each in ledger.log(limit=2)] == ["mapping_saved", "mapping_saved"]


def test_deleting(ledger: Ledger) -> None:
    """A deleted mapping is gone, and deleting what is not there says so."""
    ledger.save_mapping("Shop", HEADER, SETTINGS, AGENT)
    ledger.delete_mapping("shop", AGENT)
    assert ledger.mappings() == ()
    with pytest.raises(BadRequest, match="no saved mapping named 'shop'"):
        ledger.delete_mapping("shop", AGENT)


@pytest.mark.parametrize(("name", "header"), [(" ", HEADER), ("x" * 201, HEADER), ("x", ())])
def test_what_cannot_be_saved(ledger: Ledger, name: str, header: tuple[str, ...]) -> None:
    """A mapping needs a name, and a header to be found by."""
    with pytest.raises(BadRequest):
        ledger.save_mapping(name, header, SETTINGS, AGENT)
