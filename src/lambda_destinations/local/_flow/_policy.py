"""A small reader of IAM policies, for the permissions that the engine does not enforce.

It knows Allow and Deny, Action and NotAction, Resource and NotResource, principals, and conditions on the few keys that
a service sends along. A condition on any other key counts as unmet in an Allow and as met in a Deny: fail closed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Statement = dict[str, Any]

_EXACT = {"stringequals", "stringequalsignorecase"}
_PATTERN = {"stringlike", "arnlike", "arnequals"}  # ArnEquals takes wildcards, too


def statements(document: str | Mapping[str, Any] | None) -> list[Statement]:
    """The statements of a policy document, given as JSON text or as values."""
    if not document:
        return []
    read = json.loads(document) if isinstance(document, str) else document
    found = read.get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def allowed(
    policy: Iterable[Statement],
    action: str,
    resource: str,
    *,
    principal: str | None = None,
    assume_conditions: bool = False,
    **context: str,
) -> bool:
    """Whether a policy allows an action on a resource.

    `principal` is a service (`events.amazonaws.com`) or an ARN, None for the policies of the role itself; `context`
    gives condition keys with `_` for `:` (`aws_SourceArn`). `assume_conditions` takes every condition on another key
    in favour of the caller, where the engine decides later.
    """
    keys = {name.replace("_", ":").lower(): value for name, value in context.items()}
    verdict = False
    for statement in policy:
        if principal is not None and not _names(statement.get("Principal"), principal):
            continue
        if not _covers(statement, "Action", action, ignore_case=True) or not _covers(statement, "Resource", resource):
            continue
        denies = statement.get("Effect") == "Deny"
        if not _met(statement.get("Condition") or {}, keys, unknown=denies != assume_conditions):
            continue
        if denies:
            return False
        verdict = True
    return verdict


def role_policy(iam: Any, role_arn: str) -> list[Statement]:
    """All statements of the inline and the managed policies of a role."""
    role = role_arn.rsplit("/", 1)[-1]
    found: list[Statement] = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        found += statements(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
        found += statements(document)
    return found


def key_allows(kms: Any, iam: Any, key: str, role_arn: str, actions: Iterable[str]) -> list[str]:
    """The actions on a KMS key that a role lacks: the key's own policy, or the account's together with the role's."""
    key_arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    policy = statements(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])
    own = role_policy(iam, role_arn)
    root = f"arn:aws:iam::{role_arn.split(':')[4]}:root"
    return [
        action
        for action in actions
        if not allowed(policy, action, key_arn, principal=role_arn)
        and not (allowed(policy, action, key_arn, principal=root) and allowed(own, action, key_arn))
    ]


def _names(declared: Any, principal: str) -> bool:
    if declared == "*":
        return True
    if not isinstance(declared, dict):
        return False
    named = [each for value in declared.values() for each in _list(value)]
    if "*" in _list(declared.get("AWS")):
        return True
    account = principal.split(":")[4] if principal.startswith("arn:") else None
    return principal in named or (principal.endswith(":root") and account in named)


def _covers(statement: Statement, element: str, value: str, *, ignore_case: bool = False) -> bool:
    if f"Not{element}" in statement:
        return not any(_matches(each, value, ignore_case=ignore_case) for each in _list(statement[f"Not{element}"]))
    patterns = _list(statement.get(element))
    return any(_matches(each, value, ignore_case=ignore_case) for each in patterns)


def _met(condition: Mapping[str, Any], keys: Mapping[str, str], *, unknown: bool) -> bool:
    for operator, wanted in condition.items():
        kind = operator.lower().removesuffix("ifexists")
        for key, values in wanted.items():
            value = keys.get(key.lower())
            if value is None or kind not in _EXACT | _PATTERN:
                if not unknown:
                    return False
                continue
            ignore_case = kind == "stringequalsignorecase"
            literal = kind in _EXACT
            if not any(_matches(each, value, ignore_case=ignore_case, literal=literal) for each in _list(values)):
                return False
    return True


def _matches(pattern: str, value: str, *, ignore_case: bool = False, literal: bool = False) -> bool:
    if ignore_case:
        pattern, value = pattern.lower(), value.lower()
    if literal or not set(pattern) & set("*?"):
        return pattern == value
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value, re.DOTALL) is not None


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
