"""The rule that hands the response alone to a target: EventBridge takes it out of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_

from ._arn import place_in
from ._cdk import Lazy
from ._default_bus import bind_default_bus
from ._loops import note_leg
from ._requested import RequestedArn, is_of_a_whole_function
from ._targets import FunctionTarget, PolicyTarget
from ._tree import node

if TYPE_CHECKING:
    from ._binding import Binding


def bind_response_only(
    binding: Binding, type: lambda_.DestinationType | None, target: FunctionTarget | PolicyTarget
) -> lambda_.DestinationConfig:
    """Rule the responses of the function over to `target`, and return the default bus, where Lambda puts the records.

    :raises TypeError: without `type`
    """
    if type is None:
        raise TypeError(
            "bind() with response_only=True needs type=DestinationType.SUCCESS or type=DestinationType.FAILURE: "
            "its rule matches the records of one outcome"
        )
    rule = _rule(binding, type.value.title(), target)
    if isinstance(target, PolicyTarget):
        target.let_in(rule, across=not binding.is_settled)
    else:
        note_leg(binding, over_bus=True)
    binding.granted()
    if place_in(binding.arn) is not None:  # imported: to its own the CDK makes a way over both environments' buses
        binding.reached()
    return bind_default_bus(binding)


def _rule(binding: Binding, outcome: str, target: FunctionTarget | PolicyTarget) -> events.Rule:
    requested, is_assumed = _requested_arn(binding)
    rule = events.Rule(
        binding.scope,
        outcome,
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=[f"Lambda Function Invocation Result - {outcome}"],
            resources=[requested],
        ),
        targets=[target],
    )
    if is_assumed:
        binding.judge.assumed[id(rule)] = (rule, binding.source)
    return rule


def _requested_arn(binding: Binding) -> tuple[str, bool]:
    """Return the ARN that Lambda writes into the records, and whether a user can have given it another qualifier."""
    scope, fn = binding.scope, binding.fn
    if not isinstance(scope, lambda_.EventInvokeConfig):
        return f"{fn.function_arn if binding.parity else binding.source}:$LATEST", False
    owner = node(scope).scope
    if isinstance(fn, lambda_.Function) and is_of_a_whole_function(scope, owner):
        return f"{binding.source}:$LATEST", True
    if binding.parity:
        return f"{fn.function_arn}:$LATEST", False
    return Lazy.string(RequestedArn(scope, binding.source, owner)), False
