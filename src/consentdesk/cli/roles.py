"""Who may do what: `roles list` and `roles set`."""

from __future__ import annotations

from typing import Annotated

import typer

from consentdesk.cli.options import AsJson, open_to_look_up, open_to_read, operator_origin, settings_of
from consentdesk.cli.output import say, say_json, say_table
from consentdesk.display import day, plain
from consentdesk.display.json_shapes import operator_json
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.roles import Role

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
    as_json: AsJson = False,
) -> None:
    """Give somebody a role, or take it away.

    agent: look up, opt out, opt in, retract. importer: also imports, exports, lists, campaigns, backups. reviewer:
    reads, audit, evidence, exports; changes nothing. admin: everything, also roles and erasing.
    """
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.set_role(login, _read_role(role), operator_origin(settings))
    if as_json:
        say_json([operator_json(each) for each in found])
        return
    given = {each.login: each.role.value for each in found}.get(login.strip())
    told = f"has the role {given} now" if given is not None else "has no role any more"
    say(f"{plain(login.strip())} {told}.")


def _read_role(text: str) -> Role | None:
    word = text.strip().lower()
    if word == _NO_ROLE:
        return None
    try:
        return Role(word)
    except ValueError:
        raise BadRequest(f"There is no such role: name {', '.join(Role)} or {_NO_ROLE}.") from None
