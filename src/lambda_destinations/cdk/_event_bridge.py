"""EventBridge event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require
from ._binding import Binding
from ._by_reference import Value
from ._checks import require_arn
from ._default_bus import bind_default_bus
from ._once import once_for_each

if TYPE_CHECKING:
    from constructs import Construct


@jsii.implements(lambda_.IDestination)
class EventBridgeDestination(Value):
    """Put the invocation record on an EventBridge event bus, as the `detail` of an event.

    :param event_bus: owned or imported; by default the default bus of the stack that the function is in
    :raises TypeError: for anything but an event bus or None
    :raises InvalidDestination: for an imported bus whose ARN is not that of an event bus
    """

    def __init__(self, event_bus: events.IEventBus | events.EventBus | None = None) -> None:
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
        super().__init__()

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to put events, and return the bus's ARN.

        :raises InvalidDestination: if a construct of the user has the id under which the default bus is imported
        """
        bus = self._event_bus
        config = None if bus is None else _config(bus)
        with Binding(self, scope, fn, bus, config.destination if config else "") as binding:
            if bus is None or config is None:
                binding.granted()
                return bind_default_bus(binding, type)
            bus.grant_put_events_to(fn)
            binding.granted()
            binding.reached()
        return config


@once_for_each
def _config(event_bus: events.IEventBus | events.EventBus) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=event_bus.event_bus_arn)
