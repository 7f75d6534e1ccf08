"""The picture as data: each function and qualifier with its arrows, and the findings on each arrow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..lint import kind_of
from ..lint._buses import UNMATCHED
from ..lint._legs import CONSUMER, DEAD_LETTER, ON_FAILURE, ON_SUCCESS, RULE, Leg, Legs
from ..policy import UNKNOWN
from ..template import Finding, Flow, Function, InvokeConfig, Store

_KINDS = {"sqs": "queue", "sns": "topic", "lambda": "function", "events": "event bus", "s3": "bucket"}
_ASYNC_METRICS = {"DestinationDeliveryFailures", "AsyncEventsDropped", "AsyncEventAge", "DeadLetterErrors"}

RECORD, RESPONSE, EVENT = "record", "response", "event"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place that records go to.

    :ivar id: the ARN as far as it is known; the same place has the same id
    :ivar name: the construct's path, or the name in the ARN
    :ivar kind: `queue`, `topic`, `function`, `event bus`, `bucket`, or the service in the ARN
    :ivar here: True if it is in the app
    """

    id: str
    name: str
    kind: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """A step of a record.

    :ivar on: `on-success`, `on-failure`, `dead-letter`, `rule`, `subscription` or `consumer`
    :ivar arrives: `record`, only its `response`, or the original `event`
    :ivar rule: the construct of the rule, for an arrow of that kind
    :ivar sure: False if a filter or an unknown value decides whether the record passes
    :ivar findings: the findings on this step
    :ivar dead_end: why nothing receives the record there; None if something does
    :ivar loop: True if it leads back to the function that the record comes from
    :ivar onward: the arrows after this one, up to the next function
    """

    on: str
    to: Place
    arrives: str
    rule: str | None = None
    sure: bool = True
    findings: tuple[Finding, ...] = ()
    dead_end: str | None = None
    loop: bool = False
    onward: tuple["Arrow", ...] = ()

    @property
    def verdict(self) -> str:
        """`refused`, `lost` or `warned` by a finding; without findings `clear`, or `unknown` if it is not sure."""
        kinds = {kind_of(each.code) for each in self.findings}
        for kind in ("refused", "lost", "warned"):
            if kind in kinds:
                return kind
        return "clear" if self.sure and UNKNOWN not in self.to.id else "unknown"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A function with one qualifier.

    :ivar retries: 0 to 2; None if not known
    :ivar age: how many seconds an event may wait; None if not known
    :ivar alarms: the metrics of asynchronous invocations that alarms of the app watch
    :ivar findings: the findings on the configuration that are on none of its arrows
    """

    place: Place
    qualifier: str
    retries: int | None
    age: int | None
    alarms: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    arrows: tuple[Arrow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The picture of whole apps.

    :ivar findings: the findings that are not on an arrow or a source
    """

    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def picture_of(flow: Flow, findings: Sequence[Finding]) -> Picture:
    """Return the picture of an app with its findings."""
    return _Painter(flow, findings).paint()


class _Painter:
    def __init__(self, flow: Flow, findings: Sequence[Finding]) -> None:
        self._flow, self._findings, self._legs = flow, findings, Legs(flow)
        self._drawn: set[Finding] = set()

    def paint(self) -> Picture:
        sources = tuple(self._source(config) for config in self._flow.configs)
        return Picture(sources=sources, findings=tuple(each for each in self._findings if each not in self._drawn))

    def _source(self, config: InvokeConfig) -> Source:
        arrows = tuple(self._arrow(leg, [config.qualified_arn], RECORD) for leg in self._legs.of(config))
        own = self._take(each for each in self._findings if _is_of(each, config) and each not in self._drawn)
        return Source(
            place=self._place(config.function_arn),
            qualifier=config.qualifier,
            retries=config.retries if isinstance(config.retries, int) else None,
            age=config.age if isinstance(config.age, int) else None,
            alarms=self._alarms(config.function),
            findings=own,
            arrows=arrows,
        )

    def _arrow(self, leg: Leg, before: list[str], arrives: str) -> Arrow:
        arrives = EVENT if leg.kind == DEAD_LETTER else RESPONSE if leg.response_only else arrives
        found = self._take(each for each in self._findings if _is_on(each, leg))
        missed = self._missed(leg, arrives) if leg.service == "events" else ()
        return Arrow(
            on=leg.kind,
            to=self._place(leg.arn),
            arrives=arrives,
            rule=leg.resource.construct if leg.kind == RULE else None,
            sure=leg.sure,
            findings=found,
            dead_end=None if missed else self._dead_end(leg),
            loop=_qualified(leg.arn) in before,
            onward=(*(self._arrow(each, before, arrives) for each in leg.onward), *missed),
        )

    def _missed(self, leg: Leg, arrives: str) -> tuple[Arrow, ...]:
        """Return arrows for the rules of an event bus that are for records and cannot match."""
        found = []
        for rule in self._flow.rules:
            own = tuple(each for each in self._findings if each.construct == rule.resource.construct)
            faults = tuple(each for each in own if each.code in UNMATCHED and each not in self._drawn)
            if rule.bus_arn != leg.arn or not faults:
                continue
            self._drawn.update(faults)
            for target in rule.targets:
                to, name = self._place(target.arn), rule.resource.construct
                found.append(Arrow(on=RULE, to=to, arrives=arrives, rule=name, sure=False, findings=faults))
        return tuple(found)

    def _take(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        taken = tuple(found)
        self._drawn.update(taken)
        return taken

    def _place(self, arn: str) -> Place:
        found = self._flow.at(arn)
        service = (arn.split(":") + [""] * 3)[2]
        kind = _KINDS.get(service, service or "place")
        if found is not None:
            qualifier = arn.split(":")[7:] if isinstance(found, Function) else []
            name = ":".join([found.resource.construct, *qualifier])
            return Place(id=arn, name=name, kind=kind, here=True)
        tail = arn.split(":", 5)[-1].removeprefix("function:").removeprefix("event-bus/")
        if kind == "event bus" and tail == "default":
            tail = "default event bus"
        return Place(id=arn, name=tail.replace(UNKNOWN, "…") or kind, kind=kind, here=False)

    def _dead_end(self, leg: Leg) -> str | None:
        found = self._flow.at(leg.arn)
        if leg.onward or leg.kind == CONSUMER:
            return None
        if leg.service == "events" and (leg.arn.endswith("/default") or isinstance(found, Store)):
            return "no rule matches"
        if leg.service == "sns" and isinstance(found, Store) and not self._subscribed(leg.arn):
            return "no subscription"
        return None

    def _subscribed(self, topic: str) -> bool:
        return any(each.topic_arn == topic for each in self._flow.subscriptions)

    def _alarms(self, function: Function | None) -> tuple[str, ...]:
        if function is None:
            return ()
        found = set()
        for resource in self._flow.resources:
            if resource.type == "AWS::CloudWatch::Alarm":
                found |= _watched(resource.properties, function.name)
        return tuple(sorted(found))


def _watched(alarm: Mapping[str, Any], function: str) -> set[str]:
    metrics = [alarm, *(each.get("MetricStat", {}).get("Metric", {}) for each in alarm.get("Metrics") or [])]
    wanted = {"Name": "FunctionName", "Value": function}
    return {
        str(each["MetricName"])
        for each in metrics
        if each.get("MetricName") in _ASYNC_METRICS and wanted in (each.get("Dimensions") or [])
    }


def _is_on(finding: Finding, leg: Leg) -> bool:
    """Tell whether a finding is about the property that makes a leg, or about its rule or subscription."""
    if finding.construct != leg.resource.construct:
        return False
    if leg.kind in {ON_SUCCESS, ON_FAILURE, DEAD_LETTER}:
        return finding.path[: len(leg.path)] == leg.path
    return True


def _is_of(finding: Finding, config: InvokeConfig) -> bool:
    return finding.construct == config.resource.construct


def _qualified(arn: str) -> str:
    return f"{arn}:$LATEST" if ":function:" in arn and len(arn.split(":")) == 7 else arn
