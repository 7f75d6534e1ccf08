"""The rules of the event buses: which match an event, and which are meant for it but never match."""

import fnmatch
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..._service import EVENT_SOURCE, FAILURE_DETAIL_TYPE, SUCCESS_DETAIL_TYPE
from ...template import event_matches, result_event
from .._arn import Arn
from .._environment import Environment
from .._result._codes import Finding
from ._shadows import is_ours

_RESULT = "Lambda Function Invocation Result"
_DETAIL_TYPES = {"on_success": SUCCESS_DETAIL_TYPE, "on_failure": FAILURE_DETAIL_TYPE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """An enabled rule with a pattern, and its targets as EventBridge has them."""

    arn: Arn
    bus: str
    pattern: dict[str, Any]
    targets: tuple[dict[str, Any], ...]

    def matches(self, env: Environment, event: str) -> bool:
        """Whether it matches an event; the engine decides that."""
        return _matches(env, self.pattern, event)


def rules(env: Environment) -> list[Rule]:
    """All rules of an account and region."""

    def read() -> list[Rule]:
        found = []
        for bus in _pages(env, "list_event_buses", "EventBuses"):
            if is_ours(bus["Name"]):
                continue
            for each in _pages(env, "list_rules", "Rules", EventBusName=bus["Name"]):
                if each.get("State") != "DISABLED" and each.get("EventPattern"):
                    where = {"Rule": each["Name"], "EventBusName": bus["Name"]}
                    targets = tuple(_pages(env, "list_targets_by_rule", "Targets", **where))
                    found.append(
                        Rule(
                            arn=Arn.parse(each["Arn"]),
                            bus=bus["Name"],
                            pattern=json.loads(each["EventPattern"]),
                            targets=targets,
                        )
                    )
        return found

    return env.memo("rules", read)


def bus_exists(env: Environment, name: str) -> bool:
    """Whether there is such a bus."""
    names = env.memo("buses", lambda: {each["Name"] for each in _pages(env, "list_event_buses", "EventBuses")})
    return name in names


def missed(env: Environment, bus_arn: str, function_arn: str, matched: Iterable[Rule]) -> list[Finding]:
    """Find the rules that are meant for records of this function but never match them, so that records are lost.

    A rule counts if it cannot match any record of the function. If no rule matches at all, a rule also counts if two
    rules are for the same records of another qualifier. This finds the rule that the CDK's own module makes for an
    alias: it waits for `$LATEST`.
    """
    arn, passed = Arn.parse(function_arn), list(matched)
    named: list[str] = []
    never: list[str] = []
    elsewhere: dict[str, list[str]] = {}
    forwarded = any(":event-bus/" in each["Arn"] for rule in rules(env) for each in rule.targets)
    for rule in rules(env):
        on_this = rule.bus == Arn.parse(bus_arn).bus
        if rule in passed or not _made_for(rule, arn, on_this=on_this):
            continue
        alive = _alive_for(env, rule, arn, anywhere=forwarded)
        if arn.qualifier in alive or (passed and (alive or not _could_be_for(rule, arn))):
            continue
        label = env.target(str(rule.arn)).label
        if not on_this:
            if not alive:
                elsewhere.setdefault(rule.bus, []).append(label)
        elif alive:
            # One rule for another qualifier is meant for that one. Of two equal rules, one is meant for this one.
            if any(each is not rule and (each.bus, each.pattern) == (rule.bus, rule.pattern) for each in rules(env)):
                named.append(label)
        elif _alive_for_other_qualifier(env, rule, arn):
            named.append(label)
        else:
            never.append(label)
    found = []
    if named:
        data = {"rules": ", ".join(named), "qualifier": arn.qualifier}
        found.append(Finding("rule-for-another-qualifier", data))
    found += [Finding("rule-never-matches", {"rules": each}) for each in never]
    found += [
        Finding("rule-for-another-bus", {"rules": ", ".join(each), "bus": bus}) for bus, each in elsewhere.items()
    ]
    return found


def _made_for(rule: Rule, function: Arn, *, on_this: bool) -> bool:
    """Whether a rule names the function in any form or, if it is on this bus, waits for records of functions."""
    if "resources" in rule.pattern:
        return any(_names(each, function) for each in _list(rule.pattern["resources"]))
    types = [each for each in _list(rule.pattern.get("detail-type")) if isinstance(each, str)]
    return on_this and any(each.startswith(_RESULT) for each in types)


def _names(wanted: Any, function: Arn) -> bool:
    plain = str(function.unqualified)
    if isinstance(wanted, str):
        return wanted == plain or wanted.startswith(f"{plain}:")
    if not isinstance(wanted, dict):
        return False
    operator, value = next(iter(wanted.items()), ("", ""))
    if not isinstance(value, str):
        return False
    full = str(function)
    operators = {
        "equals-ignore-case": lambda: value.lower() in {plain.lower(), full.lower()},
        "prefix": lambda: ":function:" in value and (full.startswith(value) or value.startswith(plain)),
        "suffix": lambda: plain.endswith(value) or full.endswith(value),
        "wildcard": lambda: fnmatch.fnmatchcase(plain, value) or fnmatch.fnmatchcase(full, value),
    }
    return operator in operators and operators[operator]()


def _could_be_for(rule: Rule, function: Arn) -> bool:
    """Whether a rule names this qualifier, or does not name any."""
    named = [each for each in _list(rule.pattern.get("resources")) if isinstance(each, str)]
    named = [each for each in named if each.startswith(f"{function.unqualified}:")]
    return not named or str(function) in named


def _alive_for(env: Environment, rule: Rule, function: Arn, *, anywhere: bool) -> set[str]:
    """The qualifiers of the function for which the rule can match a record, whatever its content is."""
    bus = env.arn("events", f"event-bus/{rule.bus}")
    envelope = {name: value for name, value in rule.pattern.items() if name != "detail"}
    found = set()
    for qualifier, config in env.configs(function.name).items():
        for on, detail_type in _DETAIL_TYPES.items():
            sent_to = getattr(config, on)
            if sent_to is None or (sent_to != bus and not anywhere):
                continue
            qualified = str(function.qualified(qualifier))
            record = result_event(str(sent_to), qualified, succeeded=on == "on_success")
            impossible = event_matches({"detail": rule.pattern.get("detail", {})}, record) is False
            if not impossible and _matches(env, envelope, _event(env, sent_to, qualified, detail_type)):
                found.add(qualifier)
    return found


def _alive_for_other_qualifier(env: Environment, rule: Rule, function: Arn) -> bool:
    """Whether a rule would match if its `resources` were correct."""
    envelope = {name: value for name, value in rule.pattern.items() if name not in {"detail", "resources"}}
    named = [each for each in _list(rule.pattern.get("resources")) if isinstance(each, str)]
    if not any(each.startswith(f"{function.unqualified}:") for each in named):
        return False
    bus = env.arn("events", f"event-bus/{rule.bus}")
    types = _DETAIL_TYPES.values()
    return not envelope or any(_matches(env, envelope, _event(env, bus, str(function), each)) for each in types)


def _event(env: Environment, bus: str, function: str, detail_type: str) -> str:
    return json.dumps(
        {
            "version": "0",
            "id": "00000000-0000-0000-0000-000000000000",
            "detail-type": detail_type,
            "source": EVENT_SOURCE,
            "account": env.clients.account,
            "time": "2026-01-01T00:00:00Z",
            "region": env.clients.region,
            "resources": [bus, function],
            "detail": {},
        }
    )


def _matches(env: Environment, pattern: dict[str, Any], event: str) -> bool:
    if not pattern:
        return True
    text = json.dumps(pattern)
    return bool(env.clients["events"].test_event_pattern(EventPattern=text, Event=event)["Result"])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pages(env: Environment, call: str, member: str, **arguments: str) -> Iterator[dict[str, Any]]:
    client = env.clients["events"]
    while True:
        answer = getattr(client, call)(**arguments)
        yield from answer.get(member, [])
        if not answer.get("NextToken"):
            return
        arguments = {**arguments, "NextToken": answer["NextToken"]}
