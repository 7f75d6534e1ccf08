"""The rule that hands the response alone to a target: EventBridge takes it out of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import jsii

from ._binding import warn_of_another_place
from ._by_reference import ByReference
from ._cdk import IStableStringProducer, Lazy
from ._checks import whole_arn
from ._event_bridge import bind_default_bus
from ._facts import home_of, l1, node, place_in, unqualified, upstream_parity, whole_function
from ._loops import add_leg
from ._once import once_for_each
from ._targets import FunctionTarget, PolicyTarget

if TYPE_CHECKING:
    from constructs import Construct

    from ._binding import AnyFunction


@jsii.implements(IStableStringProducer)
class _RequestedArn(ByReference):
    """The ARN that records of a configuration carry, when its qualifier is known only at synth."""

    def __init__(self, config: lambda_.EventInvokeConfig, function_arn: str) -> None:
        super().__init__()
        self._config = config
        self._function_arn = function_arn

    def produce(self) -> str:
        """Return the function's ARN with the qualifier of the CloudFormation resource, which stands by now."""
        return f"{self._function_arn}:{l1(self._config).qualifier or '$LATEST'}"  # type: ignore[union-attr]


def _requested_arn(scope: Construct, function_arn: str) -> str:
    """Return the ARN that Lambda writes into the records: with the qualifier that was invoked.

    A function, version or alias configures itself below its own node, under an id of the CDK's; then it is known.
    """
    if not isinstance(scope, lambda_.EventInvokeConfig):
        return f"{function_arn}:$LATEST"
    place = node(scope)
    owner = place.scope
    if place.id == "EventInvokeConfig" and isinstance(owner, lambda_.FunctionBase):
        return owner.function_arn if isinstance(owner, lambda_.QualifiedFunctionBase) else f"{function_arn}:$LATEST"
    return Lazy.string(_RequestedArn(scope, function_arn))


def note_direct_leg(scope: Construct, fn: lambda_.IFunction, target: AnyFunction) -> None:
    """Note that whole records go to a function: a loop may lead back over a bus."""
    if not upstream_parity(home_of(scope, fn)):
        add_leg(scope, target, _requested_arn(scope, whole_arn(fn)), _invoked_arn(target), over_bus=False)


@once_for_each
def _invoked_arn(target: AnyFunction) -> str:
    """Return the ARN that a destination invokes, with its qualifier."""
    arn = target.function_arn
    return f"{arn}:$LATEST" if target is whole_function(target) and arn == unqualified(arn) else arn


def bind_response_only(
    scope: Construct,
    fn: lambda_.IFunction,
    type: lambda_.DestinationType | None,
    target: FunctionTarget | PolicyTarget,
    arn: str,
) -> lambda_.DestinationConfig:
    """Rule the responses of `fn` over to `target`, and return the default bus, where Lambda puts the records.

    :param arn: the target's
    :raises TypeError: without `type`
    """
    if type is None:
        raise TypeError(
            "bind() with response_only=True needs type=DestinationType.SUCCESS or type=DestinationType.FAILURE: "
            "its rule matches the records of one outcome"
        )
    outcome = type.value.title()
    parity = upstream_parity(home_of(scope, fn))
    source = f"{fn.function_arn}:$LATEST" if parity else _requested_arn(scope, whole_arn(fn))
    events.Rule(
        scope,
        outcome,
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=[f"Lambda Function Invocation Result - {outcome}"],
            resources=[source],
        ),
        targets=[target],
    )
    if isinstance(target, FunctionTarget) and not parity:
        add_leg(scope, target.resource, source, _invoked_arn(target.resource), over_bus=True)
    if place_in(arn) is not None:  # imported: to its own the CDK makes a way over both environments' buses
        warn_of_another_place(scope, fn, target.resource, arn)
    return bind_default_bus(scope, fn)
