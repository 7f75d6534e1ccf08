"""The rule that hands the response alone to a target: EventBridge takes it out of the record."""

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
    """Rule the responses of the function over to `target`, and return the default bus, where Lambda puts the records.

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
    if place_in(binding.arn) is not None:  # imported: to its own the CDK makes a way over both environments' buses
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
    """Return the rule if it is of the configuration whose other outcome was bound just before, as is most often so.

    It asks one question instead of seven, for nothing else tells that two objects in Python are one in Node.
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
