"""Rules that are for invocation records and cannot match any record that is sent to their event bus."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._service import EVENT_SOURCE
from ..policy import UNKNOWN
from ..template import Destination, Finding, Flow, Function, InvokeConfig, PropertyPath, Rule
from ..template import event_matches as matches
from ._legs import Leg, Legs, event_of
from ._say import finding

UNMATCHED = frozenset({"rule-source", "rule-detail-type", "rule-resources", "rule-bus", "rule-detail"})
"""The codes of the findings that say why a rule cannot match."""

_RESULT = "lambda function invocation result"
_EN_DASH = "\N{EN DASH}"
_MEMBERS = ("version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload")


class _Arm:
    """The records of one destination, and the event buses that they reach, directly or through rules."""

    def __init__(self, config: InvokeConfig, destination: Destination, after: Iterable[Leg] = ()) -> None:
        self.config, self.destination = config, destination
        self.event = event_of(config, destination)
        ways = (way for leg in after for way in leg.walk() if leg.path == destination.path)
        self.buses = {destination.arn, *(way[-1].arn for way in ways if way[-1].service == "events")}


def unmatched(flow: Flow) -> Iterator[Finding]:
    """Find rules that cannot match any record, and records that no rule matches because of their qualifier."""
    legs = Legs(flow)
    arms = [
        _Arm(config, each, legs.of(config))
        for config in flow.configs
        for each in config.destinations
        if ":event-bus/" in each.arn
    ]
    blamed: set[str] = set()
    for rule in flow.rules:
        named = _named(rule, flow)
        if not _made_for_records(rule, named):
            continue
        found = list(_faults(rule, named, arms))
        blamed.update(each.arn for each in named if found)
        yield from found
    for arm in arms:
        if arm.config.function_arn not in blamed:
            yield from _passed_over(arm, flow)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, Mapping)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _named(rule: Rule, flow: Flow) -> list[Function]:
    """Return the functions of the app that the pattern names in `resources` or in `detail`."""
    pattern = rule.pattern if isinstance(rule.pattern, Mapping) else {}
    texts = [*_texts(pattern.get("resources")), *_texts(pattern.get("detail"))]
    return [
        each for each in flow.functions if any(text == each.arn or text.startswith(f"{each.arn}:") for text in texts)
    ]


def _made_for_records(rule: Rule, named: list[Function]) -> bool:
    if not isinstance(rule.pattern, Mapping) or not rule.enabled:
        return False
    types = list(_texts(rule.pattern.get("detail-type")))
    if any(_RESULT in each.lower() for each in types):
        return True
    if types:  # the rule is for other events
        return False
    return bool(named) or EVENT_SOURCE in _texts(rule.pattern.get("source"))


def _faults(rule: Rule, named: list[Function], arms: list[_Arm]) -> Iterator[Finding]:
    # A rule that names no function may be for functions outside of the app: compare it with what every record has.
    own = [arm for arm in arms if arm.config.function in named] if named else [_somebodys(rule)]
    if any(rule.bus_arn in arm.buses and matches(rule.pattern, arm.event) is not False for arm in own):
        return
    if not own:
        yield _no_arm(rule, named)
        return
    nearest = min(own, key=lambda arm: (len(_wrong(rule, arm)), rule.bus_arn not in arm.buses))
    wrong = _wrong(rule, nearest)
    for name in wrong:
        yield _fault(rule, name, nearest)
    if not wrong and rule.bus_arn not in nearest.buses and UNKNOWN not in nearest.destination.arn + rule.bus_arn:
        yield finding(
            "rule-bus",
            rule.resource,
            _path(rule),
            f"the rule waits on {_bus(rule.bus_arn)}, but {nearest.config.qualified_arn} sends its records to "
            f"{_bus(nearest.destination.arn)}: put the rule on that bus",
        )


def _wrong(rule: Rule, arm: _Arm) -> list[str]:
    """Return the members of a pattern that cannot match, each tested alone."""
    return [name for name, wanted in rule.pattern.items() if matches({name: wanted}, arm.event) is False]


def _somebodys(rule: Rule) -> _Arm:
    """Return the records that a function outside of the app may send to the rule's event bus."""
    failure = "failure" in " ".join(_texts(rule.pattern.get("detail-type"))).lower()
    destination = Destination(on="OnFailure" if failure else "OnSuccess", arn=rule.bus_arn, path=())
    config = InvokeConfig(resource=rule.resource, function_arn=UNKNOWN, function=None, qualifier=UNKNOWN)
    return _Arm(config, destination)


def _no_arm(rule: Rule, named: list[Function]) -> Finding:
    names = " and ".join(each.resource.construct for each in named)
    return finding(
        "rule-bus",
        rule.resource,
        _path(rule),
        f"the rule waits for records of {names}, which sends none to an event bus: configure an EventBridge "
        "destination for it",
    )


def _fault(rule: Rule, name: str, arm: _Arm) -> Finding:
    wanted, path = rule.pattern[name], _path(rule, name)
    if name == "source":
        text = f"the rule waits for the source {_quoted(wanted)}, Lambda sends {EVENT_SOURCE!r}: use that"
        return finding("rule-source", rule.resource, path, text)
    if name == "detail-type":
        sent = arm.event["detail-type"]
        if any(_EN_DASH in each for each in _texts(wanted)):
            text = f"the detail-type has an en dash, Lambda writes a hyphen: use {sent!r}"
        else:
            text = f"the rule waits for {_quoted(wanted)}, what is sent to {_bus(rule.bus_arn)} is {sent!r}: use that"
        return finding("rule-detail-type", rule.resource, path, text)
    if name == "resources":
        text = (
            f"the rule waits for {_quoted(wanted)}, the records carry {arm.config.qualified_arn}: a record keeps the "
            "qualifier that was invoked; use that ARN"
        )
        return finding("rule-resources", rule.resource, path, text)
    inner = _failing(wanted, arm.event.get(name), name)
    known = name in arm.event and (name != "detail" or inner.split(".")[1:2] == [""] or inner.split(".")[1] in _MEMBERS)
    if known:
        text = (
            f"the rule waits for a value of {inner} that no record sent to {_bus(rule.bus_arn)} has: change or drop it"
        )
    else:
        text = f"the rule waits for {inner}, which a record does not have: use one of {', '.join(_MEMBERS)}"
    return finding("rule-detail", rule.resource, path, text)


def _failing(wanted: Any, value: Any, path: str) -> str:
    """Return the dotted path of the first member of a pattern that cannot match."""
    if isinstance(wanted, Mapping):
        for name, inner in wanted.items():
            if not name.startswith("$") and matches({name: inner}, value if value is not None else {}) is False:
                inside = value.get(name) if isinstance(value, Mapping) else None
                return _failing(inner, inside, f"{path}.{name}")
    return path


def _passed_over(arm: _Arm, flow: Flow) -> Iterator[Finding]:
    """Find records of one qualifier that no rule matches, although a rule of their bus waits for another qualifier."""
    on_bus = [rule for rule in flow.rules if rule.bus_arn == arm.destination.arn and rule.enabled]
    if any(matches(rule.pattern, arm.event) is not False for rule in on_bus):
        return
    outcome = arm.event["detail-type"]
    for rule in on_bus:
        pattern = rule.pattern if isinstance(rule.pattern, Mapping) else {}
        if arm.config.function in _named(rule, flow) and outcome in _texts(pattern.get("detail-type")):
            yield finding(
                "rule-resources",
                arm.config.resource,
                arm.destination.path,
                f"no rule of {_bus(arm.destination.arn)} matches the records of {arm.config.qualified_arn}, "
                f"{rule.resource.construct} waits for another qualifier: add this ARN to its resources",
            )
            return


def _path(rule: Rule, *inner: str) -> PropertyPath:
    return ("Resources", rule.resource.logical_id, "Properties", "EventPattern", *inner)


def _quoted(wanted: Any) -> str:
    return " or ".join(repr(each) for each in _texts(wanted)) or "nothing"


def _bus(arn: str) -> str:
    name = arn.rsplit("/", 1)[-1]
    return "the default event bus" if name == "default" else f"the event bus {name}"
