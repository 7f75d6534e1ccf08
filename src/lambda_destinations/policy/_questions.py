"""The questions that decide whether a record arrives, each with the context that the service sends."""

from collections.abc import Mapping
from typing import Union

from ._answers import UNKNOWN, Decision, Verdict
from ._decide import Value
from ._documents import Document
from ._keys import Key
from ._principals import Principal

Encryption = Union[Key, str, None]
"""A customer-managed key, an AWS managed one by its alias (`alias/aws/sqs`), UNKNOWN, or None for no KMS key."""


def may_assume(
    trust_policy: Document,
    service: str = "lambda.amazonaws.com",
    *,
    role_arn: str = UNKNOWN,
    source_arn: str = UNKNOWN,
    context: Mapping[str, Value] | None = None,
) -> Decision:
    """Whether a service may assume a role: Lambda the execution role, EventBridge the role of a rule's target.

    :param source_arn: for whom the service assumes it: the function, the rule.
    """
    return Decision(Verdict.UNKNOWN, "not evaluated yet")


def may_deliver(
    role: Principal,
    function_arn: str,
    destination_arn: str,
    *,
    resource_policy: Document | None = None,
    key: Encryption = None,
    account: str | None = None,
    context: Mapping[str, Value] | None = None,
) -> Decision:
    """Whether Lambda can write a record of a function to a destination (or dead-letter queue) with the function's role.

    :param role: `Principal.role(…)` of the execution role.
    :param destination_arn: of a queue, topic, function, bus or bucket.
    :param resource_policy: the destination's own; None is none (a topic then has the policy that SNS gives it).
    :param account: the destination's account, where the ARN does not hold it (a bucket): unless given, the role's.
    :param context: what else is known of condition keys, or better known; as in Request.
    """
    return Decision(Verdict.UNKNOWN, "not evaluated yet")


def service_may_deliver(
    service: str,
    source_arn: str,
    target_arn: str,
    *,
    resource_policy: Document | None = None,
    key: Encryption = None,
    role: Principal | None = None,
    account: str | None = None,
    context: Mapping[str, Value] | None = None,
) -> Decision:
    """Whether a service can pass a message on: a rule's target, a topic's subscription, the dead-letter queue of either.

    :param service: `events.amazonaws.com`, `sns.amazonaws.com`.
    :param source_arn: of the rule or the topic.
    :param role: the role of a rule's target (`RoleArn`), with which EventBridge then calls instead of as itself.
    """
    return Decision(Verdict.UNKNOWN, "not evaluated yet")
