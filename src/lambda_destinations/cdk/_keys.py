"""The customer-managed key of a topic or a queue: who delivers must be allowed to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_iam as iam

from ._cdk import Tokenization
from ._facts import is_token, l1, path, stack_of
from ._once import once_for_each
from ._warnings import warn

if TYPE_CHECKING:
    import aws_cdk.aws_lambda as lambda_
    from constructs import Construct

# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
USE = ("kms:GenerateDataKey*", "kms:Decrypt")
_AWS_MANAGED = "alias/aws/"


@once_for_each
def _key_id(resource: object) -> str | None:
    return getattr(l1(resource), "kms_master_key_id", None)


@once_for_each
def key_of(resource: object) -> Any | None:
    """Return the `aws_kms` key of a topic or queue, also where its construct, as a topic's on v1, does not keep it."""
    for name in ("master_key", "encryption_master_key"):
        if hasattr(type(resource), name):
            return getattr(resource, name)
    key_id = _key_id(resource)
    if key_id is None or not is_token(key_id):
        return None
    reference = Tokenization.reverse_string(key_id).first_token
    target = getattr(reference, "target", None)  # the key's CloudFormation resource, the key around it
    return target and target.node.scope


def grant_use(scope: Construct, resource: object, fn: lambda_.IFunction) -> None:
    """Let a function use the key of a topic whose own grant leaves it out: CDK v1, and v2 before January 2025."""
    if hasattr(type(resource), "master_key"):
        return
    key_id = _key_id(resource)
    if key_id is None or key_id.startswith(_AWS_MANAGED):
        return
    key = key_of(resource)
    if key is not None and hasattr(key, "grant"):
        if stack_of(key) is stack_of(fn):
            key.grant(fn, *USE)
            return
        # Naming the role in the key's policy would make the two stacks need each other; the account lets IAM decide.
        iam.Grant.add_to_principal(grantee=fn, actions=list(USE), resource_arns=[key.key_arn])
        account = cast("iam.IPrincipal", iam.AccountRootPrincipal())
        key.add_to_resource_policy(iam.PolicyStatement(actions=list(USE), principals=[account], resources=["*"]))
    elif key_id.startswith("arn:"):
        iam.Grant.add_to_principal(grantee=fn, actions=list(USE), resource_arns=[key_id])
    else:
        warn(
            scope,
            "lambda-destinations:key-unknown",
            f"{path(resource)} is encrypted with {key_id!r}, a key that cannot be found here: allow the function's "
            f"role {' and '.join(USE)} on it, or its records are lost",
        )


def let_event_bridge_use(rule: Construct, resource: object, service: iam.IPrincipal) -> None:
    """Let EventBridge use the key, which a rule that delivers to the resource needs.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html#eb-sqs-encrypted
    """
    key, key_id = key_of(resource), _key_id(resource)
    if key is None and key_id is None:
        return
    # No condition on the rule: the key would depend on the rule, the rule on the queue and the queue on the key.
    statement = iam.PolicyStatement(actions=list(USE), principals=[service], resources=["*"])
    if key is None or not key.add_to_resource_policy(statement).statement_added:
        warn(
            rule,
            "lambda-destinations:key-policy",
            f"{path(resource)} is encrypted with a key whose policy cannot be changed here: it must allow "
            f"events.amazonaws.com {' and '.join(USE)}, or the responses are lost; a key that AWS manages never does",
        )
