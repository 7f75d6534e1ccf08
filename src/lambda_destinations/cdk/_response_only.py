"""The rule that hands the response alone to a target: EventBridge takes it out of the record."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import jsii

from ._binding import warn_of_another_place
from ._by_reference import ByReference
from ._cdk import IStableAnyProducer, IStableStringProducer, Lazy, Names
from ._checks import whole_arn
from ._event_bridge import bind_default_bus
from ._facts import l1, node, path, place_in, stack_of, unqualified, upstream_parity, whole_function
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


@jsii.implements(IStableAnyProducer)
class _Sources(ByReference):
    """The rules that may deliver, in one statement: a queue's policy has room for 20."""

    def __init__(self) -> None:
        super().__init__()
        self.arns: list[str] = []

    def add(self, arn: str) -> None:
        """Let one more in."""
        if arn not in self.arns:
            self.arns.append(arn)

    def produce(self) -> list[str]:
        """Return all that were added until synth."""
        return self.arns


@jsii.implements(events.IRuleTarget)
class _PolicyTarget(ByReference):
    """A queue or topic that a rule delivers the response payload to, by a statement in the resource's own policy.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """

    def __init__(self, resource: Any, arn: str, action: str) -> None:
        super().__init__()
        self.resource = resource
        self._action = action
        self._sources = _Sources()
        self._config = events.RuleTargetConfig(arn=arn, input=_response_payload(), target_resource=resource)

    def bind(self, rule: events.IRule, id: str | None = None) -> events.RuleTargetConfig:
        """Allow this rule to deliver, and no other but those bound before and after."""
        place = cast("events.Rule", rule)
        first = not self._sources.arns
        home = stack_of(self.resource)
        # A rule of another stack cannot be named here, each stack would need the other: any rule of the account may.
        any_rule = home.format_arn(service="events", resource="rule", resource_name="*")
        self._sources.add(rule.rule_arn if stack_of(place) is home else any_rule)
        statement = iam.PolicyStatement(
            actions=[self._action],
            principals=[_event_bridge_service()],
            resources=[self._config.arn],
            conditions={"ArnLike": {"aws:SourceArn": Lazy.any(self._sources)}},
        )
        if first and not self.resource.add_to_resource_policy(statement).statement_added:
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


def note_direct_leg(scope: Construct, fn: lambda_.IFunction, target: AnyFunction) -> None:
    """Note that whole records go to a function: a loop may lead back over a bus."""
    if not upstream_parity(stack_of(scope)):
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
    target: _FunctionTarget | _PolicyTarget,
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
    parity = upstream_parity(stack_of(scope))
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
    if isinstance(target, _FunctionTarget) and not parity:
        add_leg(scope, target.resource, source, _invoked_arn(target.resource), over_bus=True)
    if place_in(arn) is not None:  # imported: to its own the CDK makes a way over both environments' buses
        warn_of_another_place(scope, fn, target.resource, arn)
    return bind_default_bus(scope, fn)
