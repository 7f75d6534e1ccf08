"""The sections of a template, each the kind of value that it has to be."""

from typing import Any

from ..errors import DeployError
from ._stack import Stack


def section(stack: Stack, name: str) -> dict[str, Any]:
    """Return a section, empty if it is not there.

    :raises DeployError: for another value than an object
    """
    section = stack.template.get(name)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise DeployError(f"{name} of stack {stack.name} is not an object; change the template")
    return section


def checked(stack: Stack, name: str, resource: Any) -> dict[str, Any]:
    """Return a resource.

    :raises DeployError: for what is not one
    """
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise DeployError(f"{name} in stack {stack.name} has no Type; give a synthesized template")
    if not isinstance(resource.get("Properties") or {}, dict):
        raise DeployError(f"the Properties of {name} in stack {stack.name} are not an object; change the template")
    depends = resource.get("DependsOn") or []
    if not isinstance(depends, (str, list)):
        raise DeployError(f"DependsOn of {name} in stack {stack.name} is not a list of names; change the template")
    return resource
