"""The customer-managed key of a topic, queue or bucket: who delivers must be allowed to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_iam as iam

from ._cdk import V1, Tokenization
from ._facts import is_token, l1, path, stack_of
from ._once import once_for_each
from ._warnings import warn

if TYPE_CHECKING:
    import aws_cdk.aws_lambda as lambda_
    from constructs import Construct

# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
USE = ("kms:GenerateDataKey*", "kms:Decrypt")
_KEPT_AS = ("master_key", "encryption_master_key")  # by a topic on the newer v2, by a queue


@once_for_each
def _kept_key(resource: object) -> Any | None:
    name = next((name for name in _KEPT_AS if hasattr(type(resource), name)), None)
    return name and getattr(resource, name)


@once_for_each
def _key_id(resource: object) -> str | None:
    """Return what stands in the CloudFormation resource: an ARN, an id or an alias, or a token of one."""
    return getattr(l1(resource), "kms_master_key_id", None)


def _behind(key_id: str) -> Any | None:
    """Return the `aws_kms` key whose ARN a token is, which a topic of v1 does not keep itself."""
    if not is_token(key_id):
        return None
    target = getattr(Tokenization.reverse_string(key_id).first_token, "target", None)  # the CloudFormation resource
    key = target and target.node.scope
    return key if hasattr(key, "grant_encrypt_decrypt") else None


def grant_key(key: Any, fn: lambda_.IFunction, *actions: str) -> None:
    """Let a function use a key, on v1 also that of another stack."""
    if not V1 or stack_of(key) is stack_of(fn):
        key.grant(fn, *actions)
        return
    # Naming the role in the key's policy would make the two stacks need each other; the account lets IAM decide.
    iam.Grant.add_to_principal(grantee=fn, actions=list(actions), resource_arns=[key.key_arn])
    account = cast("iam.IPrincipal", iam.AccountRootPrincipal())
    key.add_to_resource_policy(iam.PolicyStatement(actions=list(actions), principals=[account], resources=["*"]))


def grant_use(scope: Construct, resource: object, fn: lambda_.IFunction) -> None:
    """Let a function use the key of a topic or queue whose own grant leaves it out.

    So a topic's does on CDK v1, and on v2 before January 2025, and either's where the key was set on the L1 resource.
    """
    if _kept_key(resource) is not None:
        return
    key_id = _key_id(resource)
    if key_id is None:
        return
    key = _behind(key_id)
    resolved = str(stack_of(scope).resolve(key_id))
    if key is not None:
        grant_key(key, fn, *USE)
    elif "alias/aws/" in resolved:
        return  # its policy lets in whoever may use the topic or queue
    elif "alias/" not in resolved and (is_token(key_id) or key_id.startswith("arn:")):
        iam.Grant.add_to_principal(grantee=fn, actions=list(USE), resource_arns=[key_id])
    else:
        warn(
            scope,
            "lambda-destinations:key-unknown",
            f"{path(resource)} is encrypted with a key that is named by an alias or an id, which no grant can name: "
            f"allow the function's role {' and '.join(USE)} on the key itself, or its records are lost",
        )


def let_event_bridge_use(rule: Construct, resource: object, service: iam.IPrincipal) -> None:
    """Let EventBridge use the key, which a rule that delivers to the resource needs.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html#eb-sqs-encrypted
    """
    key, key_id = _kept_key(resource), _key_id(resource)
    if key is None and key_id is not None:
        key = _behind(key_id)
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
