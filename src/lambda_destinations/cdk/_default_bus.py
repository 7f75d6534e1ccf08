"""The default event bus of a function's stack, imported once below each configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_

from ..errors import InvalidDestination
from ._once import once_for_each
from ._tree import node, path

if TYPE_CHECKING:
    from ._binding import Binding
    from ._cdk import Stack

_ID = "DefaultEventBus"  # of the child, as upstream's: both then share one import


@once_for_each
def _config(stack: Stack) -> lambda_.DestinationConfig:
    arn = stack.format_arn(service="events", resource="event-bus", resource_name="default")
    return lambda_.DestinationConfig(destination=arn)


def bind_default_bus(binding: Binding) -> lambda_.DestinationConfig:
    """Allow the function to put events on the default bus of its stack, and return the bus's ARN.

    :raises InvalidDestination: where the user's own construct stands under the id of the import
    """
    scope = binding.scope
    config = _config(binding.stack_of_the_bus)
    bus: Any = node(scope).try_find_child(_ID)
    if bus is None:
        bus = events.EventBus.from_event_bus_arn(scope, _ID, config.destination)
    elif not hasattr(bus, "grant_put_events_to"):
        raise InvalidDestination(
            f"{path(scope)} has a child {_ID!r} that is not an event bus, and the default bus is imported under that "
            "id: give the child another id"
        )
    elif not isinstance(scope, lambda_.EventInvokeConfig):  # whose function, and so whose bus, is always the same
        config = lambda_.DestinationConfig(destination=bus.event_bus_arn)
    bus.grant_put_events_to(binding.fn)
    return config
