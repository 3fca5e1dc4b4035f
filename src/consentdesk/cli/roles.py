"""Who may do what: `roles list` and `roles set`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.options import AsJson, open_to_look_up, open_to_read, operator_origin, settings_of
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.cli.running import WRONG_USE
from consentdesk.display import day, plain
from consentdesk.display.json_shapes import operator_json
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.roles import Role

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger

_NO_ROLE = "none"

roles = typer.Typer(help="Who may do what here: agent, importer, reviewer or admin.", no_args_is_help=True)


@roles.command("list")
def list_roles(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List everybody who has a role in this ledger."""
    settings = settings_of(ctx)
    with open_to_look_up(settings) as ledger:
        found = ledger.operators()
    if as_json:
        say_json([operator_json(each) for each in found])
        return
    if not found:
        say("Nobody has a role in this ledger: everybody may search and record opt-outs.")
    say_table(
        (plain(each.login), each.role.value, f"since {day(each.since, settings.zone)}") for each in found
    )


@roles.command("set")
def set_role(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Whose role: the name they work under.")],
    role: Annotated[str, typer.Argument(metavar="ROLE", help="agent, importer, reviewer, admin, or none.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirm that you give up being admin yourself.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Give somebody a role, or take it away.

    agent: look up, opt out, opt in, retract. importer: also imports, exports, lists, campaigns, backups. reviewer:
    reads, audit, evidence, exports; changes nothing. admin: everything, also roles and erasing.
    """
    settings, wanted = settings_of(ctx), _read_role(role)
    with open_to_read(settings) as ledger:
        if not yes and _gives_up_being_admin(ledger, settings.operator, login, wanted):
            note("You would be admin here no more, and only another admin could undo it: add --yes to do it.")
            raise typer.Exit(WRONG_USE)
        found = ledger.set_role(login, wanted, operator_origin(settings))
    if as_json:
        say_json([operator_json(each) for each in found])
        return
    given = {each.login: each.role.value for each in found}.get(login.strip())
    told = f"has the role {given} now" if given is not None else "has no role any more"
    say(f"{plain(login.strip())} {told}.")


def _gives_up_being_admin(ledger: Ledger, operator: str, login: str, wanted: Role | None) -> bool:
    """Whether an admin lowers themselves where another one is left; the only one is refused that in any case."""
    if login.strip() != operator or wanted is Role.ADMIN:
        return False
    admins = [each.login for each in ledger.operators() if each.role is Role.ADMIN]
    return operator in admins and len(admins) > 1


def _read_role(text: str) -> Role | None:
    word = text.strip().lower()
    if word == _NO_ROLE:
        return None
    try:
        return Role(word)
    except ValueError:
        raise BadRequest(f"There is no such role: name {', '.join(Role)} or {_NO_ROLE}.") from None
