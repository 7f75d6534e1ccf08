"""Places of a finding in the template that the user wrote, which SAM may have made another one of."""

from collections.abc import Mapping
from typing import Any

from ..template import PropertyPath

_CONFIG = "EventInvokeConfig"  # SAM makes a resource of this property, by the function's id before it


def located(path: PropertyPath, template: Any) -> PropertyPath:
    """Return the place in a template that a path names, or the nearest one around it that is there."""
    resources = template.get("Resources") if isinstance(template, Mapping) else None
    if not isinstance(resources, Mapping) or len(path) < 2 or path[1] in resources:
        return _there(path, template)
    made = str(path[1])
    owner = max((each for each in map(str, resources) if made.startswith(each)), key=len, default=None)
    if owner is None:
        return ("Resources",)
    inner = ("Properties", _CONFIG, *path[3:]) if made[len(owner) :].startswith(_CONFIG) else ()
    return _there(("Resources", owner, *inner), template)


def _there(path: PropertyPath, template: Any) -> PropertyPath:
    """Return as much of a path as a template has."""
    here = template
    for length, step in enumerate(path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return path[:length]
    return path
