"""From options to a validated request, with one sentence where they cannot be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from consentdesk.ledger.faults import BadRequest

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    Request = TypeVar("Request", bound=BaseModel)


def validated(model: type[Request], asked: Mapping[str, object]) -> Request:
    """The request, or `BadRequest` with the first thing that is wrong with it."""
    from pydantic import ValidationError

    try:
        return model.model_validate(asked)
    except ValidationError as error:
        raise BadRequest(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(each) for each in first["loc"])
    told = first["msg"].removeprefix("Value error, ")
    return f"The {field} cannot be used: {told}." if field else f"{told[0].upper()}{told[1:]}."
