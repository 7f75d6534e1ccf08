"""The rule that hands the response alone to a target: EventBridge takes it out of the record."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import jsii

from ._by_reference import ByReference
from ._cdk import IStableStringProducer, Lazy, Names
from ._checks import whole_arn
from ._event_bridge import bind_default_bus
from ._facts import l1, node, path, unqualified, upstream_parity
from ._keys import let_event_bridge_use
from ._loops import add_leg
from ._once import once_for_each
from ._warnings import warn

if TYPE_CHECKING:
    import aws_cdk.aws_sns as sns
    import aws_cdk.aws_sqs as sqs
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
        self.resource = fn
        self._permission_id = f"AllowEventRule{Names.node_unique_id(node(fn))}"
        self._config = events.RuleTargetConfig(arn=fn.function_arn, input=_response_payload(), target_resource=fn)

    def bind(self, rule: events.IRule, id: str | None = None) -> events.RuleTargetConfig:
        """Allow the rule to invoke the function; the permission stands beside the rule, whatever stack that is in."""
        self.resource.add_permission(
            self._permission_id,
            scope=cast("events.Rule", rule),
            action="lambda:InvokeFunction",
            principal=_event_bridge_service(),
            source_arn=rule.rule_arn,
        )
        return self._config


@jsii.implements(events.IRuleTarget)
class _PolicyTarget(ByReference):
    """A queue or topic that a rule delivers the response payload to, by a statement in the resource's own policy.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """

    def __init__(self, resource: Any, arn: str, action: str) -> None:
        super().__init__()
        self.resource = resource
        self._action = action
        self._config = events.RuleTargetConfig(arn=arn, input=_response_payload(), target_resource=resource)

    def bind(self, rule: events.IRule, id: str | None = None) -> events.RuleTargetConfig:
        """Allow this rule, and no other, to deliver."""
        statement = iam.PolicyStatement(
            actions=[self._action],
            principals=[_event_bridge_service()],
            resources=[self._config.arn],
            conditions={"ArnEquals": {"aws:SourceArn": rule.rule_arn}},
        )
        place = cast("events.Rule", rule)
        if not self.resource.add_to_resource_policy(statement).statement_added:
            warn(
                place,
                "lambda-destinations:resource-policy",
                f"{path(self.resource)} is imported, and its policy cannot be changed here: it must allow "
                f"events.amazonaws.com {self._action} from this rule, or the responses are lost",
            )
        let_event_bridge_use(place, self.resource, _event_bridge_service())
        return self._config


function_target = once_for_each(_FunctionTarget)


@once_for_each
def queue_target(queue: sqs.IQueue | sqs.QueueBase) -> _PolicyTarget:
    """Return the one target for a queue."""
    return _PolicyTarget(queue, queue.queue_arn, "sqs:SendMessage")


@once_for_each
def topic_target(topic: sns.ITopic | sns.TopicBase) -> _PolicyTarget:
    """Return the one target for a topic."""
    return _PolicyTarget(topic, topic.topic_arn, "sns:Publish")


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


def bind_response_only(
    scope: Construct,
    fn: lambda_.IFunction,
    type: lambda_.DestinationType | None,
    target: _FunctionTarget | _PolicyTarget,
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
    function_arn = fn.function_arn
    parity = upstream_parity(target.resource)
    events.Rule(
        scope,
        outcome,
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=[f"Lambda Function Invocation Result - {outcome}"],
            resources=[f"{function_arn}:$LATEST" if parity else _requested_arn(scope, unqualified(function_arn))],
        ),
        targets=[target],
    )
    if isinstance(target, _FunctionTarget) and not parity:
        add_leg(scope, unqualified(function_arn), whole_arn(target.resource))
    return bind_default_bus(scope, fn)
