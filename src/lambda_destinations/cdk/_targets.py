"""The targets to which a rule can send the response payload: a function, a queue, a topic."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import jsii

from ._by_reference import ByReference
from ._cdk import V1, IStableAnyProducer, Lazy, Names, node_of
from ._home import identity_of
from ._keys import USE, let_event_bridge_use
from ._once import once_for_each
from ._parity import upstream_parity
from ._tree import is_attached, node, path, same_stack, stack_of
from ._warnings import warn

if TYPE_CHECKING:
    import aws_cdk.aws_sns as sns
    import aws_cdk.aws_sqs as sqs

    from ._arn import AnyFunction


# A rule's ARN takes up to 120 bytes, and the rest of the policy needs some room: a queue's has 8,192 bytes, a topic's
# 30,720. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
_MOST_RULES = {"sqs:SendMessage": 60, "sns:Publish": 240}


@cache
def _response_payload() -> events.RuleTargetInput:
    return events.RuleTargetInput.from_event_path("$.detail.responsePayload")


@cache
def _event_bridge_service() -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.ServicePrincipal("events.amazonaws.com"))


@jsii.implements(events.IRuleTarget)
class FunctionTarget(ByReference):
    """A function that a rule invokes with the response payload.

    It is for CDK v1, where `aws_events_targets.LambdaFunction` needs 25 more packages.
    """

    def __init__(self, fn: AnyFunction) -> None:
        super().__init__()
        self.resource = fn
        self._permission_id = f"AllowEventRule{Names.node_unique_id(node(fn))}"
        self._config = events.RuleTargetConfig(arn=fn.function_arn, input=_response_payload(), target_resource=fn)

    def bind(self, rule: events.IRule, id: str | None = None) -> events.RuleTargetConfig:
        """Allow the rule to invoke the function; the permission is in the stack of the rule."""
        self.resource.add_permission(
            self._permission_id,
            scope=cast("events.Rule", rule),
            action="lambda:InvokeFunction",
            principal=_event_bridge_service(),
            source_arn=rule.rule_arn,
        )
        return self._config


@once_for_each
def _arn_of(rule: events.Rule) -> str:
    return rule.rule_arn


@jsii.implements(IStableAnyProducer)
class _Sources(ByReference):
    """The rules that may deliver, in one statement: a queue's policy has room for 20 statements.

    :param most: how many ARNs of rules fit into the policy
    """

    def __init__(self, stack: Any, most: int) -> None:
        super().__init__()
        self._most = most
        self._stack = stack
        self._rules: list[events.Rule] = []
        self._any_rule = ""

    def add(self, rule: events.Rule) -> None:
        """Allow one more rule.

        For a rule of another stack, any rule of the account is allowed: with its ARN, each stack would need the other.
        """
        if same_stack(rule, self._stack):
            self._rules.append(rule)
        else:
            self._any_rule = self._rule_arn("*")

    def produce(self) -> list[str]:
        """Return the ARNs of the rules in the tree, or an ARN that no rule has: an empty list would be no condition."""
        present = {id(each) for each in node_of(self._stack).find_all()}
        arns = [_arn_of(rule) for rule in self._rules if id(rule) in present or is_attached(rule)]
        if len(arns) > self._most:
            return [self._rule_arn("*")]
        if self._any_rule:
            arns.append(self._any_rule)
        return arns or [self._rule_arn("-")]

    def _rule_arn(self, name: str) -> str:
        arn: str = self._stack.format_arn(service="events", resource="rule", resource_name=name)
        return arn


@jsii.implements(events.IRuleTarget)
class PolicyTarget(ByReference):
    """A queue or topic to which a rule delivers the response payload; a statement in its own policy allows it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """

    def __init__(self, resource: Any, arn: str, action: str) -> None:
        super().__init__()
        self.resource = resource
        self._action = action
        self._config = events.RuleTargetConfig(arn=arn, input=_response_payload(), target_resource=resource)
        self._bound: events.Rule
        self._sources: _Sources | None = None
        self._is_open = self._key_is_open = False

    def bind(self, rule: events.IRule, id: str | None = None) -> events.RuleTargetConfig:
        """Return the target for the rule, which may be one that the CDK adds in the environment of the resource."""
        self._bound = cast("events.Rule", rule)
        return self._config

    def let_in(self, rule: events.Rule, *, across: bool) -> None:
        """Allow a rule to deliver.

        :param rule: the rule that the user can find in the tree
        :param across: whether the resource may be in another environment: there, a rule of the CDK delivers
        """
        if across and path(self._bound) != path(rule):
            rule = self._bound
        if self._sources is None:
            self._sources = _Sources(stack_of(self.resource), _MOST_RULES[self._action])
            self._is_open = self.resource.add_to_resource_policy(self._statement(self._sources)).statement_added
            self._key_is_open = let_event_bridge_use(self.resource, _event_bridge_service())
        self._sources.add(rule)
        if (self._is_open and self._key_is_open) or upstream_parity(stack_of(rule)):
            return
        if not self._is_open:
            warn(rule, "resource-policy", resource=path(self.resource), action=self._action)
        if not self._key_is_open:
            warn(rule, "key-policy", resource=path(self.resource), actions=" and ".join(USE))

    def _statement(self, sources: _Sources) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[self._action],
            principals=[_event_bridge_service()],
            resources=[self._config.arn],
            conditions={"ArnLike": {"aws:SourceArn": Lazy.any(sources)}},
        )


# One target for each resource, also if the CDK returns the resource as a new object each time.
_TARGETS: WeakValueDictionary[tuple[object, ...], PolicyTarget] = WeakValueDictionary()


def _policy_target(resource: Any, arn: str, action: str) -> PolicyTarget:
    key = identity_of(resource, arn)
    target = _TARGETS.get(key)
    if target is None:
        target = _TARGETS[key] = PolicyTarget(resource, arn, action)
    return target


@once_for_each
def function_target(fn: AnyFunction) -> events.IRuleTarget:
    """Return the one target for a function.

    On CDK v2 it is the CDK's own, which is installed and answers in Node: without it, 240 functions with two such
    destinations need a tenth more time and 1,450 more messages.
    """
    if V1:
        return cast("events.IRuleTarget", FunctionTarget(fn))
    import aws_cdk.aws_events_targets as targets  # type: ignore[import-not-found,import-untyped,unused-ignore]  # pyright: ignore[reportMissingImports]

    return cast("events.IRuleTarget", targets.LambdaFunction(cast("Any", fn), event=_response_payload()))


@once_for_each
def queue_target(queue: sqs.IQueue | sqs.QueueBase) -> PolicyTarget:
    """Return the one target for a queue."""
    return _policy_target(queue, queue.queue_arn, "sqs:SendMessage")


@once_for_each
def topic_target(topic: sns.ITopic | sns.TopicBase) -> PolicyTarget:
    """Return the one target for a topic."""
    return _policy_target(topic, topic.topic_arn, "sns:Publish")
