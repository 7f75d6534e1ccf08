"""The customer-managed key of a topic, queue or bucket: the sender must be allowed to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_iam as iam

from ._arn import is_token
from ._cdk import V1, Tokenization, node_of
from ._once import once_for_each
from ._tree import l1, node, path, place_of, same_stack, stack_of

if TYPE_CHECKING:
    import aws_cdk.aws_lambda as lambda_

    from ._binding import Binding

# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
USE = ("kms:GenerateDataKey*", "kms:Decrypt")
_KEPT_AS = ("master_key", "encryption_master_key")  # of a topic on the newer v2, and of a queue


@once_for_each
def _kept_key(resource: object) -> Any | None:
    name = next((name for name in _KEPT_AS if hasattr(type(resource), name)), None)
    return name and getattr(resource, name)


@once_for_each
def _key_id(resource: object) -> str | None:
    """Return the key in the CloudFormation resource: an ARN, an id, an alias, or a token for one of these."""
    return getattr(l1(resource), "kms_master_key_id", None)


def _behind(key_id: str, resource: object) -> Any | None:
    """Return the `aws_kms` key for a token of its ARN or id; a topic of v1 does not keep the key itself."""
    if not is_token(key_id):
        return None
    target = getattr(Tokenization.reverse_string(key_id).first_token, "target", None)  # the CloudFormation resource
    key = target and node_of(target).scope
    return key if _is_key(key) else _imported(key_id, resource)


def _imported(key_id: str, resource: object) -> Any | None:
    """Return the imported key whose ARN is this token: the user said that the token is an ARN."""
    everything = node_of(node(resource).root).find_all()
    return next((each for each in everything if _is_key(each) and each.key_arn == key_id), None)


def _is_key(construct: object) -> bool:
    return hasattr(construct, "grant_encrypt_decrypt")


def _is_arn(resolved: object) -> bool:
    """Tell whether a value in a template is certainly an ARN; a parameter may be an id or an alias."""
    if isinstance(resolved, str):
        return resolved.startswith("arn:")
    ((intrinsic, argument),) = cast("dict[str, Any]", resolved).items()
    if intrinsic == "Fn::GetAtt":
        return str(argument[-1] if isinstance(argument, list) else argument).endswith("Arn")
    if intrinsic == "Fn::Join":
        return str(argument[1][0]).startswith("arn:")
    return intrinsic == "Fn::Sub" and str(argument[0] if isinstance(argument, list) else argument).startswith("arn:")


def grant_key(key: Any, fn: lambda_.IFunction, *actions: str) -> None:
    """Allow a function to use a key; on v1 also a key of another stack."""
    if not V1 or same_stack(key, fn) or place_of(key).differs_from(place_of(fn)):
        key.grant(fn, *actions)
        return
    # With the role in the key's policy each stack would need the other; with the account in it, IAM decides.
    iam.Grant.add_to_principal(grantee=fn, actions=list(actions), resource_arns=[key.key_arn])
    account = cast("iam.IPrincipal", iam.AccountRootPrincipal())
    key.add_to_resource_policy(iam.PolicyStatement(actions=list(actions), principals=[account], resources=["*"]))


def grant_use(binding: Binding) -> None:
    """Allow a function to use the key of a topic or queue, if the CDK's own grant does not.

    It does not for a topic on CDK v1 and on v2 before January 2025, and for a key that was set on the L1 resource.
    """
    resource = binding.resource
    key_id = _key_id(resource) if _kept_key(resource) is None else None
    if key_id is None or binding.parity:
        return
    key = _behind(key_id, resource)
    resolved = stack_of(binding.scope).resolve(key_id)
    if key is not None and "alias/" not in str(resolved):
        grant_key(key, binding.fn, *USE)
    elif "alias/aws/" in str(resolved):
        return  # its policy allows everyone who may use the topic or queue
    elif "alias/" not in str(resolved) and _is_arn(resolved):
        iam.Grant.add_to_principal(grantee=binding.fn, actions=list(USE), resource_arns=[key_id])
    else:
        how = (
            "a value of unknown form"
            if isinstance(resolved, dict) and "alias/" not in str(resolved)
            else ("an alias or an id")
        )
        binding.warn("key-unknown", resource=path(resource), how=how, actions=" and ".join(USE))


def let_event_bridge_use(resource: object, service: iam.IPrincipal) -> bool:
    """Allow EventBridge to use the key: a rule that delivers to the resource needs it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html#eb-sqs-encrypted

    :returns: whether EventBridge can now deliver: it may use the key, or there is no key
    """
    key, key_id = _kept_key(resource), _key_id(resource)
    if key is None and key_id is not None:
        key = _behind(key_id, resource)
    if key is None:
        return key_id is None
    # No condition on the rule: the key would depend on the rule, the rule on the queue and the queue on the key.
    statement = iam.PolicyStatement(actions=list(USE), principals=[service], resources=["*"])
    return bool(key.add_to_resource_policy(statement).statement_added)
