"""Finds the place of a finding in the template that the user wrote. SAM may have changed that template."""

from collections.abc import Mapping
from typing import Any

from ..template import PropertyPath

_CONFIG = "EventInvokeConfig"  # SAM makes a resource of this property. Its id is the function's id and this name


def located(path: PropertyPath, template: Any) -> PropertyPath:
    """Return the path in the user's template for a path in the expanded one, or the nearest path around it."""
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
    """Return the longest start of a path that a template has."""
    here = template
    for length, step in enumerate(path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return path[:length]
    return path
