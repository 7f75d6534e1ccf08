"""Reads members of properties that may be absent, unknown or malformed."""

from typing import Any

from ._place import Place, function_arn, partition_of
from ._resolved import Resource
from ._unknown import UNKNOWN
from ._values import as_text


def member(value: Any, *names: str) -> Any:
    """Return the member at a path of names, None if it is absent."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items(value: Any) -> list[Any]:
    """Return a list. A text or an object becomes a list of one; any other value becomes an empty list."""
    return value if isinstance(value, list) else [] if value is None or not isinstance(value, (dict, str)) else [value]


def text(value: Any) -> str:
    """Return a scalar as text, "" for any other value."""
    return as_text(value) or ""


def truth(value: Any) -> bool:
    """Tell whether CloudFormation reads a value as true."""
    return text(value).lower() == "true"


def place_of(resource: Resource) -> Place:
    """Return the place of a resource's stack."""
    return Place(resource.account, resource.region, partition_of(resource.region), resource.stack)


def named_arn(name: str, place: Place) -> str:
    """Return the ARN of a function from its name, its ARN or a part of it; "" for an empty name."""
    return function_arn(name, place) if name else ""


def bus_arn(name: str, place: Place) -> str:
    """Return the ARN of an event bus from its name or ARN. An empty name means the default event bus."""
    if name.startswith("arn:") or name == UNKNOWN:
        return name
    return f"arn:{place.partition}:events:{place.region}:{place.account}:event-bus/{name or 'default'}"
