"""Read and resolve an app before it is deployed."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ...errors import UnknownName
from ...template import Flow, Given, Resolved, Stack, read_flow, read_stacks, resolve_app
from .._environment import Environment
from ._refusals import refuse


def read_app(
    path: Path, stack: str | None, given: Given, deployed_to: Iterable[Environment]
) -> tuple[list[Resolved], Flow]:
    """The stacks of an app in the order of their deployment, and the flow of its records.

    :param stack: only this stack and the stacks that it needs
    :param deployed_to: environments that already have apps, whose exports this one may import
    :raises DeployError: if the app cannot be read, or AWS would refuse it
    :raises InvalidDestination: if Lambda would refuse a destination or a dead-letter queue
    :raises UnknownName: if there is no such stack
    """
    stacks = read_stacks(path, given)
    if stack is not None:
        stacks = _picked(stacks, stack)
    resolved = resolve_app(stacks, replace(given, exports=_exports(deployed_to) | dict(given.exports)))
    flow = read_flow(resolved)
    refuse(resolved, flow)
    return resolved, flow


def _exports(environments: Iterable[Environment]) -> dict[str, str]:
    return {
        each["Name"]: each["Value"]
        for env in environments
        for page in env.clients["cloudformation"].get_paginator("list_exports").paginate()
        for each in page["Exports"]
    }


def _picked(stacks: list[Stack], name: str) -> list[Stack]:
    by_name = {each.name: each for each in stacks}
    if name not in by_name:
        raise UnknownName(f"there is no stack {name!r}; the stacks are: {', '.join(by_name)}")
    wanted: set[str] = set()
    pending = [name]
    while pending:
        each = pending.pop()
        wanted.add(each)
        pending += [need for need in by_name[each].needs if need in by_name and need not in wanted]
    return [each for each in stacks if each.name in wanted]
