"""What EventBridge refuses in a rule, and input templates that it takes and never delivers."""

import re
from collections.abc import Iterator
from typing import Any

from .. import _service
from ._flow import Flow, Rule, Store, Target
from ._patterns import fault_of
from ._reading import member
from ._refuse import Refused, at
from ._unknown import is_known

_PUT_TARGETS = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html"
_TRANSFORM = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html"
_PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"
_HOLE = re.compile(r"<([A-Za-z0-9_.-]+)>")
_QUOTE = re.compile(r'(?<!\\)"')
_NOT_TEXT = ("$", "$.detail", "$.resources")  # objects and lists in every event
_WHOLE_EVENT = ("aws.events.event", "aws.events.event.json")
_OURS = frozenset({
    "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
    "aws.events.event.json",
})  # fmt: skip


def refuse_rules(flow: Flow) -> Iterator[Refused]:
    """Judge patterns, the number of targets, and the input of targets."""
    for rule in flow.rules:
        resource = rule.resource
        fault = None if rule.pattern is None else fault_of(rule.pattern)
        if fault is not None:
            yield Refused("event-pattern", resource, at(resource, "EventPattern"), fault, _PATTERNS)
        if rule.pattern is None and resource.properties.get("ScheduleExpression") is None:
            yield Refused(
                "event-pattern", resource, at(resource), "the rule has no EventPattern and no ScheduleExpression: give "
                "one", _PUT_TARGETS,
            )  # fmt: skip
        if len(rule.targets) > _service.MAX_TARGETS:
            yield Refused(
                "too-many-targets", resource, at(resource, "Targets", _service.MAX_TARGETS),
                f"the rule has {len(rule.targets)} targets, EventBridge takes {_service.MAX_TARGETS}: add another rule",
                _PUT_TARGETS,
            )  # fmt: skip
        for target in rule.targets:
            yield from _target(flow, rule, target)


def _target(flow: Flow, rule: Rule, target: Target) -> Iterator[Refused]:
    given = [name for name in ("Input", "InputPath", "InputTransformer") if target.properties.get(name) is not None]
    if len(given) > 1 and is_known([target.properties[name] for name in given]):
        yield Refused(
            "two-inputs", rule.resource, (*target.path, given[1]),
            f"the target {target.id} has {' and '.join(given)}, of which EventBridge takes one: keep one", _PUT_TARGETS,
        )  # fmt: skip
    found = flow.at(target.arn)
    fifo = found.fifo if isinstance(found, Store) else target.arn.endswith(".fifo")
    if fifo and ":sqs:" in target.arn and not member(target.properties, "SqsParameters", "MessageGroupId"):
        name = found.resource.construct if found is not None else target.arn
        yield Refused(
            "no-message-group", rule.resource, target.path,
            f"the target {name} is a FIFO queue, which EventBridge takes with a message group only: add "
            "SqsParameters.MessageGroupId", _PUT_TARGETS,
        )  # fmt: skip
    yield from _input(rule, target)


def _input(rule: Rule, target: Target) -> Iterator[Refused]:
    template: Any = member(target.properties, "InputTransformer", "InputTemplate")
    paths: Any = member(target.properties, "InputTransformer", "InputPathsMap") or {}
    if not isinstance(template, str) or not is_known(template) or not isinstance(paths, dict):
        return
    yield from _quoted(rule, target, template, paths)
    for name in dict.fromkeys(_HOLE.findall(template)):
        if name not in paths and name not in _OURS and not name.startswith("aws.events."):
            yield Refused(
                "unknown-placeholder", rule.resource, (*target.path, "InputTransformer", "InputTemplate"),
                f"the input template uses <{name}>, which InputPathsMap does not have: add it, or fix the name",
                _TRANSFORM,
            )  # fmt: skip


def _quoted(rule: Rule, target: Target, template: str, paths: dict[str, Any]) -> Iterator[Refused]:
    """Find an object or list in quotes: the filled-in template is not JSON, and EventBridge does not deliver it."""
    if not template.strip().startswith("{"):
        return
    for hole in _HOLE.finditer(template):
        quoted = len(_QUOTE.findall(template[: hole.start()])) % 2 == 1
        if quoted and (paths.get(hole[1]) in _NOT_TEXT or hole[1] in _WHOLE_EVENT):
            yield Refused(
                "quoted-placeholder", rule.resource, (*target.path, "InputTransformer", "InputTemplate"),
                f"the input template has <{hole[1]}> in quotes, which is an object or a list, so that nothing is "
                "delivered: take the quotes away", _TRANSFORM,
            )  # fmt: skip
