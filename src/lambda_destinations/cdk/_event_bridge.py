"""EventBridge event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require
from ._binding import binding, warn_of_another_place
from ._by_reference import ByReference
from ._checks import require_arn
from ._facts import node, stack_of
from ._once import once_for_each

if TYPE_CHECKING:
    from constructs import Construct

    from ._cdk import Stack

_DEFAULT_BUS = "DefaultEventBus"  # the child's id is upstream's: both then share one import


@jsii.implements(lambda_.IDestination)
class EventBridgeDestination(ByReference):
    """Put the invocation record on an EventBridge event bus, as the `detail` of an event.

    :param event_bus: owned or imported; by default the default bus of the stack that the function is in
    :raises TypeError: for anything but an event bus or None
    :raises InvalidDestination: for an imported bus whose ARN is no event bus's
    """

    def __init__(self, event_bus: events.IEventBus | events.EventBus | None = None) -> None:
        super().__init__()
        if event_bus is not None:
            require(
                event_bus,
                "grant_put_events_to",
                where="EventBridgeDestination(event_bus)",
                wants="an aws_events.IEventBus",
                how="import it with events.EventBus.from_event_bus_arn(scope, id, event_bus_arn)",
            )
            require_arn(event_bus, _config(event_bus).destination, "events", "EventBridgeDestination(event_bus)")
        self._event_bus = event_bus

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to put events, and return the bus's ARN."""
        if self._event_bus is None:
            with binding(self, scope, fn):
                return bind_default_bus(scope, fn)
        config = _config(self._event_bus)
        with binding(self, scope, fn):
            self._event_bus.grant_put_events_to(fn)
        warn_of_another_place(scope, fn, self._event_bus, config.destination)
        return config


@once_for_each
def _config(event_bus: events.IEventBus | events.EventBus) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=event_bus.event_bus_arn)


@once_for_each
def _default_bus_arn(stack: Stack) -> str:
    return stack.format_arn(service="events", resource="event-bus", resource_name="default")


def bind_default_bus(scope: Construct, fn: lambda_.IFunction) -> lambda_.DestinationConfig:
    """Allow `fn` to put events on the default bus of its stack, imported once below `scope`, and return the ARN."""
    bus: events.IEventBus | None = node(scope).try_find_child(_DEFAULT_BUS)
    arn = _default_bus_arn(stack_of(fn))
    if bus is None:
        bus = events.EventBus.from_event_bus_arn(scope, _DEFAULT_BUS, arn)
    elif not isinstance(scope, lambda_.EventInvokeConfig):  # whose function, and so whose bus, is always the same
        arn = bus.event_bus_arn
    bus.grant_put_events_to(fn)
    return lambda_.DestinationConfig(destination=arn)
