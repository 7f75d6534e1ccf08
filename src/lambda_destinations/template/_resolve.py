"""Resolves templates: conditions, parameters, mappings, functions and references."""

from collections.abc import Iterable
from typing import Any

from ..errors import DeployError
from ._resolved import Resolved
from ._resolver import Passed, Resolver
from ._scope import Given
from ._sections import section
from ._stack import Stack


def resolve(stack: Stack, given: Given | None = None) -> Resolved:
    """Resolve a stack, and the stacks nested in it, as far as that is possible before a deployment.

    :param given: values from outside of the template
    :raises DeployError: when CloudFormation would refuse the template, or a given parameter is not declared
    """
    return resolve_app([stack], given)[0]


def resolve_app(stacks: Iterable[Stack], given: Given | None = None) -> list[Resolved]:
    """Resolve all stacks of an app. An import finds the export of a stack before it.

    :param stacks: each after the stacks that it needs, as `read_stacks` returns them
    :param given: values from outside of the templates
    :raises DeployError: when CloudFormation would refuse a template, or no stack declares a given parameter
    """
    given, stacks = given or Given(), list(stacks)
    declared = {name for stack in stacks for name in section(stack, "Parameters")}
    declared |= {f"{stack.name}.{name}" for stack in stacks for name in section(stack, "Parameters")}
    unknown = sorted(set(given.parameters) - declared)
    if unknown and stacks:
        have = ", ".join(sorted(each for each in declared if "." not in each)) or "none"
        raise DeployError(f"no stack has a parameter {', '.join(unknown)}; they have {have}")
    app: list[Resolved] = []
    exports: dict[str, Any] = {}
    for stack in stacks:
        own = {name: value for name, value in given.parameters.items() if "." not in name}
        own |= {
            name.removeprefix(f"{stack.name}."): value
            for name, value in given.parameters.items()
            if name.startswith(f"{stack.name}.")
        }
        try:
            app.append(Resolver(stack, given, Passed(own=own, exports=exports)).resolved())
        except RecursionError:
            raise DeployError(f"the template of stack {stack.name} is nested too deeply; use fewer levels") from None
        exports |= app[-1].exports
    return app
