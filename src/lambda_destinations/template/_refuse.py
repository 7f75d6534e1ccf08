"""What a check of ours says of a resource, before it is known where the user wrote that."""

from dataclasses import dataclass

from ._finding import PropertyPath
from ._resolved import Resource


@dataclass(frozen=True, slots=True)
class Refused:
    """See `Finding`; `path` is that of the resolved form."""

    code: str
    resource: Resource
    path: PropertyPath
    message: str
    source: str = ""


def at(resource: Resource, *path: str | int) -> PropertyPath:
    """Return the path of a property."""
    return ("Resources", resource.logical_id, "Properties", *path)
