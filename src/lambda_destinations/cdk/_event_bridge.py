"""EventBridge event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require
from ._binding import binding
from ._by_reference import ByReference
from ._cdk import Stack, find_child
from ._once import once_for_each

if TYPE_CHECKING:
    from constructs import Construct

_DEFAULT_BUS = "DefaultEventBus"  # the child's id is upstream's: both then share one import


@jsii.implements(lambda_.IDestination)
class EventBridgeDestination(ByReference):
    """Put the invocation record on an EventBridge event bus, as the `detail` of an event.

    :param event_bus: owned or imported; by default the default bus of the stack that the function is in
    :raises TypeError: for anything but an event bus or None
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
        self._event_bus = event_bus

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to put events, and return the bus's ARN."""
        with binding(self, fn):
            if self._event_bus is None:
                return bind_default_bus(scope, fn)
            self._event_bus.grant_put_events_to(fn)
        return _config(self._event_bus)


@once_for_each
def _config(event_bus: events.IEventBus | events.EventBus) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=event_bus.event_bus_arn)


@once_for_each
def _default_bus_arn(stack: Stack) -> str:
    return stack.format_arn(service="events", resource="event-bus", resource_name="default")


def bind_default_bus(scope: Construct, fn: lambda_.IFunction) -> lambda_.DestinationConfig:
    """Allow `fn` to put events on the default bus of its stack, imported once below `scope`, and return the ARN."""
    bus: events.IEventBus | None = find_child(scope, _DEFAULT_BUS)
    if bus is None:
        arn = _default_bus_arn(Stack.of(fn))
        bus = events.EventBus.from_event_bus_arn(scope, _DEFAULT_BUS, arn)
    else:
        arn = bus.event_bus_arn
    bus.grant_put_events_to(fn)
    return lambda_.DestinationConfig(destination=arn)
