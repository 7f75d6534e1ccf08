"""Who may write where: a role to its destinations, a rule and a topic to their targets, all of them with the keys."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..policy import UNKNOWN, Decision, Principal, may_deliver, service_may_deliver
from ..policy import Key as PolicyKey
from ..template import Finding, Flow, Function, InvokeConfig, Policy, Role, Store, Target
from ._legs import DEAD_LETTER, RULE, SUBSCRIPTION, Leg, Legs
from ._say import finding, short

_SERVICE = {RULE: "events.amazonaws.com", SUBSCRIPTION: "sns.amazonaws.com"}
_KEYS_ACTIONS = "kms:GenerateDataKey* and kms:Decrypt"


def locked_out(flow: Flow) -> Iterator[Finding]:
    """Find the senders that may not write to their destination or target, or may not use its key."""
    legs, seen = Legs(flow), set()
    for config in flow.configs:
        for first in legs.of(config):
            for way in first.walk():
                place = (way[-1].kind, way[-1].resource.construct, way[-1].path)
                if place in seen:
                    continue
                seen.add(place)
                if len(way) == 1:
                    yield from _role(flow, config, first)
                else:
                    yield from _service(flow, way[-2], way[-1])


def _role(flow: Flow, config: InvokeConfig, leg: Leg) -> Iterator[Finding]:
    function = config.function
    if function is None or function.role is None or not leg.service:
        return
    role, what = principal(function.role, function), "dead-letter queue" if leg.kind == DEAD_LETTER else "destination"
    policy, key, account = _target(flow, leg.arn)
    asked = may_deliver(role, config.qualified_arn, leg.arn, resource_policy=policy, account=account)
    name = function.role.resource.construct
    if asked.denied:
        yield finding(
            "role-permission",
            leg.resource,
            leg.path,
            f"{name} may not write to the {what} {_name(flow, leg.arn)} ({asked.reason}), and Lambda refuses a {what} "
            "that the role may not write to: grant it",
        )
        return
    asked = may_deliver(role, config.qualified_arn, leg.arn, resource_policy=policy, key=key, account=account)
    if asked.denied and key is not None:
        yield finding("key-permission", leg.resource, leg.path, _key_words(name, flow, leg.arn, asked))


def _service(flow: Flow, before: Leg, leg: Leg) -> Iterator[Finding]:
    if leg.kind not in _SERVICE or not leg.service:
        return
    service, source = _SERVICE[leg.kind], before.arn
    role: Principal | None = None
    if leg.kind == RULE and isinstance(leg.by, tuple):
        rule, target = leg.by
        source = rule.arn
        role = _target_role(flow, target)
        if target.role_arn is not None and role is None:
            return  # a role that is not in the app
    policy, key, account = _target(flow, leg.arn)
    asked = service_may_deliver(service, source, leg.arn, resource_policy=policy, role=role, account=account)
    code = "rule-target-permission" if leg.kind == RULE else "subscription-permission"
    if asked.denied:
        yield finding(
            code,
            leg.resource,
            leg.path,
            f"{service} may not deliver to {_name(flow, leg.arn)} for {short(source)} ({asked.reason}): allow it with "
            f"{_opener(leg)}",
        )
        return
    asked = service_may_deliver(service, source, leg.arn, resource_policy=policy, key=key, role=role, account=account)
    if asked.denied and key is not None:
        yield finding("key-permission", leg.resource, leg.path, _key_words(service, flow, leg.arn, asked))


def principal(role: Role, function: Function) -> Principal:
    """Return the session of a role that Lambda starts for a function, with all policies that are known."""
    identity: list[Any] = [_document(each) for each in role.policies]
    identity += list(role.managed_arns)
    boundary = None
    if role.boundary is not None:
        boundary = _document(role.boundary)
    elif role.boundary_arn is not None:
        boundary = role.boundary_arn
    return Principal.role(role.arn, session=function.name, identity=identity, boundary=boundary)


def _target_role(flow: Flow, target: Target) -> Principal | None:
    found = flow.at(target.role_arn) if target.role_arn else None
    if not isinstance(found, Role):
        return None
    documents = [_document(each) for each in found.policies]
    return Principal.role(found.arn, identity=[*documents, *found.managed_arns])


def _document(policy: Policy) -> Any:
    return policy.document if policy.resource.certain else UNKNOWN


def _target(flow: Flow, arn: str) -> tuple[Any, Any, str | None]:
    """Return the resource policy and the key of a target, and its account if the ARN does not contain it."""
    found = flow.at(arn)
    if isinstance(found, Function):
        return merged(found.permissions), None, None
    if not isinstance(found, Store):
        return UNKNOWN, UNKNOWN, UNKNOWN  # not in the app
    key: Any = None
    if found.key is not None:
        ours = flow.key_of(found)
        key = UNKNOWN if not found.key.startswith("alias/aws/") else found.key
        if ours is not None:
            key = PolicyKey(arn=ours.arn, policy=_document(ours.policy), aliases=ours.aliases, enabled=ours.enabled)
    return merged(found.policies), key, found.resource.account


def merged(policies: Iterable[Policy]) -> Any:
    """Return several resource policies as one; None if there are none, UNKNOWN if one of them is unknown."""
    statements: list[Any] = []
    version = "2008-10-17"
    for policy in policies:
        document = _document(policy)
        if document == UNKNOWN:
            return UNKNOWN
        if isinstance(document, str):
            document = json.loads(document)
        inner = document.get("Statement") or []
        statements += inner if isinstance(inner, list) else [inner]
        version = max(version, str(document.get("Version") or version))
    return {"Version": version, "Statement": statements} if statements else None


def _name(flow: Flow, arn: str) -> str:
    found = flow.at(arn)
    return found.resource.construct if found is not None else short(arn)


def _opener(leg: Leg) -> str:
    return {
        "lambda": "an AWS::Lambda::Permission",
        "sqs": "an AWS::SQS::QueuePolicy",
        "sns": "an AWS::SNS::TopicPolicy",
        "events": "a role of the target, or an AWS::Events::EventBusPolicy",
    }.get(leg.service, "the policy of the target")


def _key_words(who: str, flow: Flow, arn: str, asked: Decision) -> str:
    where = "in the key's policy" if who.endswith(".amazonaws.com") else "to it on the key"
    return (
        f"{_name(flow, arn)} is encrypted, and {who} may not use its key ({asked.reason}), so that every record is "
        f"lost: allow {_KEYS_ACTIONS} {where}"
    )
