"""The way of a record through an app, step by step (a step is a leg), read from the templates alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..policy import UNKNOWN
from ..template import (
    Caller,
    Destination,
    Flow,
    InvokeConfig,
    PropertyPath,
    Resource,
    Rule,
    Subscription,
    Target,
    result_event,
)
from ..template import event_matches as matches

ON_SUCCESS, ON_FAILURE, DEAD_LETTER, RULE, SUBSCRIPTION, CONSUMER = (
    "on-success",
    "on-failure",
    "dead-letter",
    "rule",
    "subscription",
    "consumer",
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Leg:
    """One step of a record.

    :ivar kind: one of the constants above
    :ivar arn: the ARN that the record goes to
    :ivar resource: the resource that sends it there: the configuration, the function with the dead-letter queue, the
        rule, the subscription or the event source mapping
    :ivar path: the path of the property that names the target
    :ivar sure: False if it is not known whether the record passes
    :ivar response_only: True if a rule passes only the response of the record
    :ivar onward: the legs after this one, up to the next function
    :ivar by: the rule with its target, the subscription or the event source mapping, for a leg of that kind
    """

    kind: str
    arn: str
    resource: Resource
    path: PropertyPath
    sure: bool = True
    response_only: bool = False
    onward: tuple["Leg", ...] = ()
    by: "tuple[Rule, Target] | Subscription | Caller | None" = None

    @property
    def service(self) -> str:
        """The service in the ARN, "" if it is not known."""
        return service_of(self.arn)

    def walk(self) -> "Iterator[tuple[Leg, ...]]":
        """Return this leg and all legs after it, each as the list of legs that leads to it."""
        yield (self,)
        for leg in self.onward:
            for way in leg.walk():
                yield (self, *way)


def service_of(arn: str) -> str:
    """Return the service in an ARN, "" if it is not known."""
    parts = arn.split(":")
    return parts[2] if len(parts) > 5 and UNKNOWN not in parts[2] else ""


def event_of(config: InvokeConfig, destination: Destination) -> dict[str, Any]:
    """Return the event that an event bus gets, with what is known before it is sent."""
    return result_event(destination.arn, config.qualified_arn, succeeded=destination.on == "OnSuccess")


class Legs:
    """Follows the records of an app."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def of(self, config: InvokeConfig) -> list[Leg]:
        """Return the first legs of one configuration, each with the legs after it up to the next function."""
        found = []
        for destination in config.destinations:
            leg = Leg(
                kind=ON_SUCCESS if destination.on == "OnSuccess" else ON_FAILURE,
                arn=destination.arn,
                resource=config.resource,
                path=destination.path,
            )
            found.append(self._extended(leg, event_of(config, destination), frozenset()))
        function = config.function
        if function is not None and function.dead_letter_arn is not None:
            leg = Leg(
                kind=DEAD_LETTER,
                arn=function.dead_letter_arn,
                resource=function.resource,
                path=function.dead_letter_path,
            )
            found.append(self._extended(leg, None, frozenset()))
        return found

    def _extended(self, leg: Leg, event: dict[str, Any] | None, seen: frozenset[str]) -> Leg:
        if leg.arn in seen or not leg.arn.startswith("arn:"):
            return leg
        after = {"events": self._over_bus, "sns": self._over_topic, "sqs": self._over_queue}.get(leg.service)
        if after is None:
            return leg
        onward = tuple(self._extended(each, event, seen | {leg.arn}) for each in after(leg.arn, event))
        return replace(leg, onward=onward)

    def _over_bus(self, bus: str, event: dict[str, Any] | None) -> Iterator[Leg]:
        for rule in self._flow.rules:
            passes = rule.bus_arn == bus and rule.enabled and event is not None and matches(rule.pattern, event)
            if passes is False:
                continue
            for target in rule.targets:
                yield Leg(
                    kind=RULE,
                    arn=target.arn,
                    resource=rule.resource,
                    path=(*target.path, "Arn"),
                    sure=passes is True and rule.resource.certain,
                    response_only=target.properties.get("InputPath") == "$.detail.responsePayload",
                    by=(rule, target),
                )

    def _over_topic(self, topic: str, _: object) -> Iterator[Leg]:
        for each in self._flow.subscriptions:
            if each.topic_arn == topic and each.protocol in {"lambda", "sqs"}:
                yield Leg(
                    kind=SUBSCRIPTION,
                    arn=each.endpoint,
                    resource=each.resource,
                    path=("Resources", each.resource.logical_id),
                    sure=not each.filter_policy and each.resource.certain,
                    by=each,
                )

    def _over_queue(self, queue: str, _: object) -> Iterator[Leg]:
        for each in self._flow.callers:
            if each.service == "sqs" and each.source_arn == queue:
                yield Leg(
                    kind=CONSUMER,
                    arn=each.function_arn,
                    resource=each.resource,
                    path=each.path,
                    sure=each.resource.certain,
                    by=each,
                )
