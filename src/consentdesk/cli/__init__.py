"""The command line: every verb of the desk, with JSON on request; imports nothing heavy before it must."""

from consentdesk.cli.running import main, run

__all__ = ["main", "run"]
