"""The sections and resources of a template, with their types checked."""

from typing import Any

from ..errors import DeployError
from ._stack import Stack


def section(stack: Stack, name: str) -> dict[str, Any]:
    """Return a section of a template, empty if it is absent.

    :raises DeployError: when the section is not an object
    """
    section = stack.template.get(name)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise DeployError(f"{name} of stack {stack.name} is not an object; change the template")
    return section


def checked(stack: Stack, name: str, resource: Any) -> dict[str, Any]:
    """Return a resource.

    :raises DeployError: when it has no type, or its properties or dependencies are malformed
    """
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise DeployError(f"{name} in stack {stack.name} has no Type; give a synthesized template")
    if not isinstance(resource.get("Properties") or {}, dict):
        raise DeployError(f"the Properties of {name} in stack {stack.name} are not an object; change the template")
    depends = resource.get("DependsOn") or []
    if not isinstance(depends, (str, list)):
        raise DeployError(f"DependsOn of {name} in stack {stack.name} is not a list of names; change the template")
    return resource
