"""Running one command line: from arguments to an exit code, with one sentence where it cannot be done.

Exit codes: 0 done · 1 something was refused, may not be sent, does not fit, or stopped an import half way ·
2 wrong use or unusable input · 70 a bug in the program · 130 interrupted · 141 the reader of the output went
away.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from consentdesk.cli.desk import desk_alone, open_desk
from consentdesk.ledger.faults import LedgerFault, NotAllowed

OK, REFUSED, WRONG_USE, BUG, INTERRUPTED, READER_GONE = 0, 1, 2, 70, 130, 141

MADE_BEFORE_A_COLLECTION = 100_000
"""Objects. Importing makes a hundred thousand that stay, and so does a batch of an import: collecting after
every 700, as Python does unasked, looks at them over and over and takes a tenth of the time."""


def main() -> None:
    """The command `consentdesk`."""
    gc.set_threshold(MADE_BEFORE_A_COLLECTION)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Never raises, and never shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        _be_lenient(stream)
    try:
        said = desk_alone(arguments)
        if said is not None:
            from consentdesk.settings import read_settings

            settings = read_settings(
                ledger=said.get("ledger"),
                operator=said.get("operator"),
                region=said.get("region"),
                timezone=said.get("timezone"),
            )
            return open_desk(settings)
        return _run_line(arguments)
    except BrokenPipeError:
        _silence_output()
        return READER_GONE
    except (KeyboardInterrupt, EOFError):
        _fail("Interrupted; what was recorded before stays recorded.")
        return INTERRUPTED
    except LedgerFault as fault:
        _fail(str(fault))
        is_refusal = fault.stopped_import is not None or isinstance(fault, NotAllowed)
        return REFUSED if is_refusal else WRONG_USE
    except OSError as error:
        _silence_output()
        return _fail(_system_sentence(error))
    except Exception as error:  # noqa: BLE001 - the last resort: a traceback could show an address
        _fail(_bug_sentence(error))
        return BUG


def _run_line(arguments: Sequence[str]) -> int:
    """Run a verb, for which the command line's libraries are imported now."""
    import typer
    from typer.main import get_command

    from consentdesk.cli.app import command_line, verb_of

    # Typer brings its own copy of Click from some version on and none before: this is the base of all that
    # either of them raises about wrong use.
    wrong_use: type[Exception] = typer.BadParameter.__mro__[2]
    undecodable = _first_undecodable(arguments)
    if undecodable is not None:
        return _fail(f"Argument {undecodable} is not valid UTF-8 text, and names no file.")
    try:
        command = get_command(command_line(verb_of(arguments)))
        with command.make_context("consentdesk", list(arguments)) as context:
            context.command.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except wrong_use as error:
        return _fail(_usage_sentence(error))
    finally:
        _flush()
    return OK


def _fail(sentence: str) -> int:
    from consentdesk.cli.output import note

    note(sentence)
    return WRONG_USE


def _usage_sentence(error: Exception) -> str:
    told = getattr(error, "format_message", error.__str__)()
    return " ".join(str(told).replace("Value error, ", "").split())


def _system_sentence(error: OSError) -> str:
    what = error.strerror or "The system refused"
    return f"{what}: {error.filename}" if error.filename is not None else f"{what}."


def _bug_sentence(error: Exception) -> str:
    """Where it happened and what kind it is. Neither values nor the message: they could hold an address."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).parent.name}/{Path(place.filename).name}, line {place.lineno}"
    return (
        f"The program has a bug ({type(error).__name__} in {where}); what was recorded before stays recorded."
    )


def _first_undecodable(arguments: Sequence[str]) -> int | None:
    """The place of the first argument that is no text; files may have such names, facts may not."""
    for place, argument in enumerate(arguments, start=1):
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError:
            if not os.path.lexists(argument):
                return place
    return None


def _be_lenient(stream: object) -> None:
    """Let a terminal without our glyphs show escapes instead of stopping the command."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _silence_output() -> None:
    """Let the interpreter's own last flush go nowhere: the output is closed or full already."""
    try:
        standard_output = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, standard_output)
    os.close(null)
