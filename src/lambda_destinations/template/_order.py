"""What stands before what."""

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from ..errors import DeployError
from ._resolved import Resource


def with_all_needs(resources: dict[str, Resource], stack: str) -> dict[str, Resource]:
    """Follow what each resource needs to the end.

    :raises DeployError: for resources that need one another
    """
    try:
        order = list(TopologicalSorter({name: each.needs for name, each in resources.items()}).static_order())
    except CycleError as error:
        circle = " → ".join(map(str, error.args[1]))
        raise DeployError(f"resources of stack {stack} need one another ({circle}); break it") from None
    whole: dict[str, frozenset[str]] = {}
    for name in order:
        direct = resources[name].needs
        whole[name] = direct.union(*(whole[each] for each in direct))
    return {name: replace(each, needs=whole[name]) for name, each in resources.items()}
