"""What a check refuses in a resolved template, before the place in the user's own template is known."""

from dataclasses import dataclass

from ._finding import PropertyPath
from ._resolved import Resource


@dataclass(frozen=True, slots=True)
class Refused:
    """The fields are those of `Finding`, but `path` is the path in the resolved template."""

    code: str
    resource: Resource
    path: PropertyPath
    message: str
    source: str = ""


def at(resource: Resource, *path: str | int) -> PropertyPath:
    """Return the path of a property of a resource."""
    return ("Resources", resource.logical_id, "Properties", *path)
