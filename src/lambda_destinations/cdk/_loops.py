"""Loops of functions in which a leg goes over an event bus: Lambda's own detection does not see them."""

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
    """The results of a function go to another; both by the ARN without a qualifier, the other's beside it."""

    scope: Construct
    source: str
    target: str
    qualifier: str
    over_bus: bool


_Graph = dict[str, dict[str, Leg]]


def note_leg(binding: Binding, source: str, *, over_bus: bool) -> None:
    """Note that the results of a binding go to a function, for the judgement at synth.

    :param source: the ARN of the function, without a qualifier
    """
    target = binding.resource
    leg = Leg(binding.scope, source, whole_arn(target), qualifier_of(target), over_bus)
    binding.app.legs.append(leg)


def judge_loops(legs: list[Leg]) -> None:
    """Warn on the leg that closes a loop over a bus, of the legs that are in the tree.

    Each qualifier of a function has its own configuration, and asking for it costs: only of the functions that lead
    back to themselves at all.
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
    """Return the legs from one function to another, none if it is the same, None if there is no way."""
    reached: dict[str, list[Leg]] = {start: []}
    waiting = [start]
    while waiting and end not in reached:
        here = waiting.pop()
        for there, leg in graph.get(here, {}).items():
            if there not in reached:
                reached[there] = [*reached[here], leg]
                waiting.append(there)
    return reached.get(end)
