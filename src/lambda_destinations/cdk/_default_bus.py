"""The default event bus of a function's stack, imported once below each configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_

from ..errors import InvalidDestination
from ._once import once_for_each
from ._tree import node, path

if TYPE_CHECKING:
    from constructs import Construct

    from ._binding import Binding
    from ._cdk import Stack

_ID = "DefaultEventBus"  # the id of the child, the same as upstream's: both then share one import
_FIRST = lambda_.DestinationType.FAILURE  # an `EventInvokeConfig` binds it before success


@once_for_each
def _config(stack: Stack) -> lambda_.DestinationConfig:
    arn = stack.format_arn(service="events", resource="event-bus", resource_name="default")
    return lambda_.DestinationConfig(destination=arn)


def default_bus(binding: Binding) -> lambda_.DestinationConfig:
    """Return the default bus of the function's stack."""
    return _config(binding.stack_of_the_bus)


def bind_default_bus(binding: Binding, type: lambda_.DestinationType | None) -> lambda_.DestinationConfig:
    """Allow the function to put events on the default bus of its stack, and return the bus's ARN.

    :raises InvalidDestination: if a construct of the user has the id of the import
    """
    scope = binding.scope
    config = default_bus(binding)
    is_configuration = isinstance(scope, lambda_.EventInvokeConfig)  # it has one function, and so one bus
    bus = _found_or_made(scope, config.destination, is_first=is_configuration and type is _FIRST)
    if not hasattr(bus, "grant_put_events_to"):
        raise InvalidDestination(
            f"{path(scope)} has a child {_ID!r} that is not an event bus, and the default bus is imported under that "
            "id: give the child another id"
        )
    bus.grant_put_events_to(binding.fn)
    return config if is_configuration else lambda_.DestinationConfig(destination=bus.event_bus_arn)


def _found_or_made(scope: Construct, arn: str, *, is_first: bool) -> Any:
    """Return the import below a scope; for the outcome that is bound first, do not look for it before making it."""
    found = None if is_first else node(scope).try_find_child(_ID)
    if found is not None:
        return found
    try:
        return events.EventBus.from_event_bus_arn(scope, _ID, arn)
    except RuntimeError:
        found = node(scope).try_find_child(_ID)
        if found is None:
            raise
        return found
