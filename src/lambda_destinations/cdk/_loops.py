"""Loops of functions with a leg over an event bus: Lambda's own loop detection does not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ._arn import qualifier_of, whole_arn
from ._parity import upstream_parity
from ._requested import requested_qualifier
from ._tree import is_attached, path, stack_of
from ._warnings import warn

if TYPE_CHECKING:
    from constructs import Construct

    from ._binding import Binding


class Leg(NamedTuple):
    """The results of a function go to a target function. The ARNs have no qualifier; `qualifier` is the target's."""

    scope: Construct
    source: str
    target: str
    qualifier: str
    over_bus: bool


_Graph = dict[str, dict[str, Leg]]


def note_leg(binding: Binding, source: str, *, over_bus: bool) -> None:
    """Remember, for the check at synth, that the results of the bound function go to another function.

    :param source: the ARN of the bound function, without a qualifier
    """
    target = binding.resource
    leg = Leg(binding.scope, source, whole_arn(target), qualifier_of(target), over_bus)
    binding.app.legs.append(leg)


def judge_loops(legs: list[Leg]) -> None:
    """Warn on each leg that closes a loop over a bus. A leg that was removed from the tree does not count.

    Each qualifier of a function has its own configuration. Asking for it costs time, so that only the legs are asked
    that make a loop without their qualifiers.
    """
    whole: _Graph = {}
    for leg in legs:
        whole.setdefault(leg.source, {})[leg.target] = leg
    candidates = [leg for leg in legs if _way(whole, leg.target, leg.source) is not None]
    graph: _Graph = {}
    for leg in candidates:
        if is_attached(leg.scope) and not upstream_parity(stack_of(leg.scope)):
            _add(graph, leg)


def _add(graph: _Graph, leg: Leg) -> None:
    source = f"{leg.source}:{requested_qualifier(leg.scope, leg.source)}"
    target = f"{leg.target}:{leg.qualifier}"
    known = graph.setdefault(source, {}).get(target)
    if known is None or leg.over_bus:
        graph[source][target] = leg
    way = _way(graph, target, source)
    if way is None or not any(each.over_bus for each in [leg, *way]):
        return
    through = " → ".join(dict.fromkeys(path(each.scope) for each in [leg, *way]))
    warn(leg.scope, "loop", through=through)


def _way(graph: _Graph, start: str, end: str) -> list[Leg] | None:
    """Return the legs from one function to another: an empty list if they are the same, None if there is no way."""
    reached: dict[str, list[Leg]] = {start: []}
    waiting = [start]
    while waiting and end not in reached:
        here = waiting.pop()
        for there, leg in graph.get(here, {}).items():
            if there not in reached:
                reached[there] = [*reached[here], leg]
                waiting.append(there)
    return reached.get(end)
