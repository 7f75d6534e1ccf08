"""Members of properties that may be absent, unknown or malformed."""

from typing import Any

from ._place import Place, function_arn, partition_of
from ._resolved import Resource
from ._unknown import UNKNOWN
from ._values import as_text


def member(value: Any, *names: str) -> Any:
    """Return a member at any depth, None if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items(value: Any) -> list[Any]:
    """Return a list, empty for what is none; one thing where a list may be left out counts as a list."""
    return value if isinstance(value, list) else [] if value is None or not isinstance(value, (dict, str)) else [value]


def text(value: Any) -> str:
    """Return a scalar as text, "" for what is none."""
    return as_text(value) or ""


def truth(value: Any) -> bool:
    """Tell whether a value is true as CloudFormation reads it."""
    return text(value).lower() == "true"


def place_of(resource: Resource) -> Place:
    """Return where a resource is."""
    return Place(resource.account, resource.region, partition_of(resource.region), resource.stack)


def named_arn(name: str, place: Place) -> str:
    """Return the ARN of a function named in any way, "" for nothing."""
    return function_arn(name, place) if name else ""


def bus_arn(name: str, place: Place) -> str:
    """Return the ARN of a bus named in any way, the default one's for nothing."""
    if name.startswith("arn:") or name == UNKNOWN:
        return name
    return f"arn:{place.partition}:events:{place.region}:{place.account}:event-bus/{name or 'default'}"
