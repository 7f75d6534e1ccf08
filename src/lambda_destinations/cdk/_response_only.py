"""The rule that hands the response alone to a target: EventBridge takes it out of the record."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import jsii

from ._by_reference import ByReference
from ._cdk import Names
from ._event_bridge import bind_default_bus
from ._once import once_for_each

if TYPE_CHECKING:
    from constructs import Construct

    from ._binding import AnyFunction


@cache
def _response_payload() -> events.RuleTargetInput:
    return events.RuleTargetInput.from_event_path("$.detail.responsePayload")


@cache
def _event_bridge_service() -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.ServicePrincipal("events.amazonaws.com"))


@jsii.implements(events.IRuleTarget)
class _FunctionTarget(ByReference):
    """A function that a rule invokes with the response payload.

    Instead of `aws_events_targets.LambdaFunction`, which brings 25 more packages on CDK v1.
    """

    def __init__(self, fn: AnyFunction) -> None:
        super().__init__()
        self._fn = fn
        self._permission_id = f"AllowEventRule{Names.node_unique_id(fn.node)}"
        self._config = events.RuleTargetConfig(arn=fn.function_arn, input=_response_payload(), target_resource=fn)

    def bind(self, rule: events.IRule, id: str | None = None) -> events.RuleTargetConfig:
        """Allow the rule to invoke the function; the permission stands beside the rule, whatever stack that is in."""
        self._fn.add_permission(
            self._permission_id,
            scope=cast("events.Rule", rule),
            action="lambda:InvokeFunction",
            principal=_event_bridge_service(),
            source_arn=rule.rule_arn,
        )
        return self._config


function_target = once_for_each(_FunctionTarget)


def bind_response_only(
    scope: Construct, fn: lambda_.IFunction, type: lambda_.DestinationType | None, target: events.IRuleTarget
) -> lambda_.DestinationConfig:
    """Rule the responses of `fn` over to `target`, and return the default bus, where Lambda puts the records.

    :raises TypeError: without `type`
    """
    if type is None:
        raise TypeError(
            "bind() with response_only=True needs type=DestinationType.SUCCESS or type=DestinationType.FAILURE: "
            "its rule matches the records of one outcome"
        )
    outcome = type.value.title()
    events.Rule(
        scope,
        outcome,
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=[f"Lambda Function Invocation Result - {outcome}"],
            resources=[f"{fn.function_arn}:$LATEST"],
        ),
        targets=[target],
    )
    return bind_default_bus(scope, fn)
