"""The order in which the resources of a template need one another."""

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from ..errors import DeployError
from ._resolved import Resource


def with_all_needs(resources: dict[str, Resource], stack: str) -> dict[str, Resource]:
    """Return the resources, each with all that it needs, directly and through other resources.

    :raises DeployError: when resources need one another
    """
    try:
        order = list(TopologicalSorter({name: each.needs for name, each in resources.items()}).static_order())
    except CycleError as error:
        circle = " → ".join(map(str, error.args[1]))
        raise DeployError(f"resources of stack {stack} need one another ({circle}); break the cycle") from None
    whole: dict[str, frozenset[str]] = {}
    for name in order:
        direct = resources[name].needs
        whole[name] = direct.union(*(whole[each] for each in direct))
    return {name: replace(each, needs=whole[name]) for name, each in resources.items()}
