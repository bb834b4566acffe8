"""Ids as requests bring them: the rule of `models.ground.shop_ids`, in paths, bodies and headers."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from engine.domain.offer_errors import Refused
from models.ground.shop_ids import ID_PATTERN, ID_RULE, LONGEST_ID, is_id

LONGEST_OWN_ID = 64  # of offers, and of the app's own events


def _checked(text: str) -> str:
    if not is_id(text):
        raise PydanticCustomError("id", "{rule}", {"rule": ID_RULE})
    return text


Id = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_ID, json_schema_extra={"pattern": ID_PATTERN}),
    AfterValidator(_checked),
]
OwnId = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_OWN_ID, json_schema_extra={"pattern": ID_PATTERN}),
    AfterValidator(_checked),
]


def check_id(text: str, where: str) -> None:
    """Refuse what is no id, for a route that reads its arguments itself; raises Refused(invalid_request)."""
    if not is_id(text):
        raise Refused("invalid_request", f"{where}: {ID_RULE}")
