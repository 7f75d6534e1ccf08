"""The rule that sends only the response to a target: EventBridge takes it out of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_

from .._service import EVENT_SOURCE, detail_type
from ._arn import place_in
from ._default_bus import bind_default_bus, default_bus
from ._loops import note_leg
from ._requested import Requested, requested_by
from ._targets import PolicyTarget
from ._tree import node

if TYPE_CHECKING:
    from ._binding import Binding


def bind_response_only(
    binding: Binding, type: lambda_.DestinationType | None, target: events.IRuleTarget | PolicyTarget
) -> lambda_.DestinationConfig:
    """Make a rule that sends the function's responses to `target`, and return the default bus, which gets the records.

    :raises TypeError: without `type`
    """
    if type is None:
        raise TypeError(
            "bind() with response_only=True needs type=DestinationType.SUCCESS or type=DestinationType.FAILURE: "
            "its rule matches the records of one outcome"
        )
    outcome = type.value.title()
    before = binding.app.last if type is lambda_.DestinationType.SUCCESS and binding.is_settled else None
    rule = _rule_beside(before, binding, outcome, target) if before else None
    requested = before if before and rule else requested_by(binding)
    rule = rule or _rule(requested, binding, outcome, target)
    if requested.is_assumed:
        binding.judge.assumed[id(rule)] = (rule, requested.function_arn)
    if isinstance(target, PolicyTarget):
        target.let_in(rule, across=not binding.is_settled)
    else:
        note_leg(binding, requested.function_arn, over_bus=True)
    binding.granted()
    # Only for an imported resource: for a resource of the app, the CDK connects the buses of both environments.
    if place_in(binding.arn) is not None:
        binding.reached()
    if requested is before:
        return default_bus(binding)
    config = bind_default_bus(binding, type)
    if type is lambda_.DestinationType.FAILURE and binding.is_settled and requested.place:
        binding.app.last = requested
    return config


def _rule_beside(
    before: Requested, binding: Binding, outcome: str, target: events.IRuleTarget | PolicyTarget
) -> events.Rule | None:
    """Return the rule if it belongs to the configuration that was bound just before for the other outcome, else None.

    Usually it does, and then this takes one call to Node instead of seven. The rule has to be made first: two objects
    in Python may be one configuration in Node, and only their children show it.
    """
    rule = _rule(before, binding, outcome, target)
    is_found: bool = before.place.try_find_child(outcome) is rule
    if not is_found:
        node(binding.scope).try_remove_child(outcome)
    return rule if is_found else None


def _rule(
    requested: Requested, binding: Binding, outcome: str, target: events.IRuleTarget | PolicyTarget
) -> events.Rule:
    return events.Rule(
        binding.scope,
        outcome,
        event_pattern=events.EventPattern(
            source=[EVENT_SOURCE],
            detail_type=[detail_type(outcome)],
            resources=[requested.arn],
        ),
        targets=[cast("Any", target)],
    )
