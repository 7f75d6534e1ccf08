"""What a rule can hand the response payload to: a function, a queue, a topic."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import jsii

from ._by_reference import ByReference
from ._cdk import IStableAnyProducer, Lazy, Names
from ._facts import node, path, stack_of
from ._keys import let_event_bridge_use
from ._once import once_for_each
from ._warnings import warn

if TYPE_CHECKING:
    import aws_cdk.aws_sns as sns
    import aws_cdk.aws_sqs as sqs

    from ._binding import AnyFunction


@cache
def _response_payload() -> events.RuleTargetInput:
    return events.RuleTargetInput.from_event_path("$.detail.responsePayload")


@cache
def _event_bridge_service() -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.ServicePrincipal("events.amazonaws.com"))


@jsii.implements(events.IRuleTarget)
class FunctionTarget(ByReference):
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
class PolicyTarget(ByReference):
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
        self._sources.add(self._source_of(place))
        if first and not self.resource.add_to_resource_policy(self._statement()).statement_added:
            warn(
                place,
                "lambda-destinations:resource-policy",
                f"{path(self.resource)} is imported, and its policy cannot be changed here: it must allow "
                f"events.amazonaws.com {self._action} from this rule, or the responses are lost",
            )
        let_event_bridge_use(place, self.resource, _event_bridge_service())
        return self._config

    def _source_of(self, rule: events.Rule) -> str:
        home = stack_of(self.resource)
        if stack_of(rule) is home:
            return rule.rule_arn
        # A rule of another stack cannot be named here, each stack would need the other: any rule of the account may.
        return home.format_arn(service="events", resource="rule", resource_name="*")

    def _statement(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[self._action],
            principals=[_event_bridge_service()],
            resources=[self._config.arn],
            conditions={"ArnLike": {"aws:SourceArn": Lazy.any(self._sources)}},
        )


function_target = once_for_each(FunctionTarget)


@once_for_each
def queue_target(queue: sqs.IQueue | sqs.QueueBase) -> PolicyTarget:
    """Return the one target for a queue."""
    return PolicyTarget(queue, queue.queue_arn, "sqs:SendMessage")


@once_for_each
def topic_target(topic: sns.ITopic | sns.TopicBase) -> PolicyTarget:
    """Return the one target for a topic."""
    return PolicyTarget(topic, topic.topic_arn, "sns:Publish")
