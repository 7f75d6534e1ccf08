"""Loops: records that come back to the function that they come from."""

from collections.abc import Iterator

from .._service import MAX_CHAIN
from ..template import Finding, Flow, Function, InvokeConfig
from ._legs import CONSUMER, DEAD_LETTER, Leg, Legs
from ._say import finding

_Way = tuple[Leg, ...]
_Graph = dict[str, list[tuple[str, _Way]]]


def loops(flow: Flow) -> Iterator[Finding]:
    """Find each loop of functions once, on the first configuration in it."""
    graph, configs = _graph(flow), {config.qualified_arn: config for config in flow.configs}
    told: set[frozenset[str]] = set()
    for start in graph:
        for round_ in _rounds(graph, start):
            members = frozenset(source for source, _ in round_)
            if members in told or _refused(round_):
                continue
            told.add(members)
            yield _finding(flow, configs, round_)


def _graph(flow: Flow) -> _Graph:
    """Return for each function, by its qualified ARN, the functions that its records reach and the steps to them."""
    legs = Legs(flow)
    graph: _Graph = {}
    for config in flow.configs:
        found = graph.setdefault(config.qualified_arn, [])
        for leg in legs.of(config):
            if leg.kind == DEAD_LETTER:
                continue
            for way in leg.walk():
                end = way[-1]
                if end.service != "lambda" or not all(each.sure for each in way):
                    continue
                reached = end.arn if len(end.arn.split(":")) > 7 else f"{end.arn}:$LATEST"
                # A consumer is invoked synchronously: its own destinations do not fire, so the way ends there.
                if end.kind != CONSUMER or reached == config.qualified_arn:
                    found.append((reached, way))
    return graph


def _rounds(graph: _Graph, start: str) -> Iterator[list[tuple[str, _Way]]]:
    """Find the shortest way from a function back to itself."""
    reached: dict[str, list[tuple[str, _Way]]] = {start: []}
    waiting = [start]
    while waiting:
        here = waiting.pop(0)
        for there, way in graph.get(here, []):
            steps = [*reached[here], (here, way)]
            if there == start:
                yield steps
                return
            if there not in reached:
                reached[there] = steps
                waiting.append(there)


def _refused(round_: list[tuple[str, _Way]]) -> bool:
    """Tell whether Lambda refuses the loop anyway, because a function is its own destination."""
    return len(round_) == 1 and len(round_[0][1]) == 1


def _finding(flow: Flow, configs: dict[str, InvokeConfig], round_: list[tuple[str, _Way]]) -> Finding:
    legs = [leg for _, way in round_ for leg in way]
    over_bus = any(leg.service == "events" for leg in legs)
    names = " → ".join(_name(flow, source) for source, _ in [*round_, round_[0]])
    first = configs[round_[0][0]]
    allowed = any(_allows(configs[source]) for source, _ in round_)
    if over_bus or allowed:
        why = "over an event bus, where Lambda does not stop it" if over_bus else "and RecursiveLoop is Allow"
        message = (
            f"the results go round in a loop ({names}) {why}: break it, or make sure that a function in it ends it"
        )
        return finding("endless-loop", first.resource, legs[0].path, message)
    return finding(
        "loop",
        first.resource,
        legs[0].path,
        f"the results go round in a loop ({names}), which Lambda stops after about {MAX_CHAIN} runs: break it",
    )


def _allows(config: InvokeConfig) -> bool:
    return isinstance(config.function, Function) and config.function.resource.properties.get("RecursiveLoop") == "Allow"


def _name(flow: Flow, arn: str) -> str:
    found, qualifier = flow.at(arn), arn.rsplit(":", 1)[-1]
    name = found.resource.construct if found is not None else arn
    return name if qualifier == "$LATEST" else f"{name}:{qualifier}"
