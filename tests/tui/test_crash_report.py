"""What the desk says when it fails itself: where, and nothing of what it held."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from small_ledger import MAYA_EMAIL

from consentdesk.ledger.faults import LedgerFault
from consentdesk.tui.crash import report_of, sentence_of


def _failed(error: ValueError | KeyError) -> Exception:
    secret = MAYA_EMAIL
    try:
        assert secret
        raise error
    except (ValueError, KeyError) as caught:
        return caught


def test_a_ledger_fault_is_its_own_sentence() -> None:
    """What the ledger says is shown as it is."""
    assert sentence_of(LedgerFault("The disk is full.")) == "The disk is full."


def test_a_foreign_error_is_its_kind_and_place_only() -> None:
    """The text of a foreign error may hold an address, so it is not shown."""
    sentence = sentence_of(_failed(ValueError(MAYA_EMAIL)))
    assert "ValueError" in sentence
    assert "test_crash_report.py" in sentence
    assert MAYA_EMAIL not in sentence


def test_a_report_names_every_cause_and_no_value() -> None:
    """The chain of errors is there with its places, without texts, values or home directories."""
    try:
        raise RuntimeError(MAYA_EMAIL) from _failed(KeyError(MAYA_EMAIL))
    except RuntimeError as error:
        report = report_of(error)
    assert "RuntimeError" in report
    assert "KeyError" in report
    assert "@" not in report
    assert "/home" not in report


CRASHING = """
    import asyncio, sys
    from pathlib import Path
    from consentdesk.settings import Settings
    from consentdesk.tui.app import ConsentDeskApp

    class Crashing(ConsentDeskApp):
        def on_mount(self):
            address = "maya.okafor@example.com"
            self.call_later(self.fail, address)
        def fail(self, address):
            if {in_worker}:
                self.run_worker(self.fail_later(address))
            else:
                raise ValueError(address)
        async def fail_later(self, address):
            raise ValueError(address)

    app = Crashing(Settings(Path(sys.argv[1]), "anna"))
    app.run(headless=True)
    sys.exit(app.return_code)
"""


@pytest.mark.parametrize("in_worker", [False, True])
def test_a_crash_prints_no_locals(tmp_path: object, in_worker: bool) -> None:
    """A real crash ends with our report on the terminal, once, and with no address in it."""
    program = textwrap.dedent(CRASHING).format(in_worker=in_worker)
    done = subprocess.run(
        [sys.executable, "-c", program, f"{tmp_path}/ledger.db"], capture_output=True, text=True, timeout=60
    )
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert told.count("Consent Desk stopped because of an error of its own.") == 1
    assert "ValueError, raised at:" in told
    assert "maya.okafor" not in told
    assert "errors shown" not in told
