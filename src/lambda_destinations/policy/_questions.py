"""The questions that decide whether a record arrives, each with the condition keys that the service sends."""

from collections.abc import Iterable, Mapping
from typing import Literal

from ..errors import InvalidPolicy
from . import _calls
from ._answers import UNKNOWN, Decision, Verdict
from ._context import Value
from ._decide import Request, decide
from ._documents import Document
from ._keys import Key
from ._matching import part
from ._principals import Principal

Encryption = Key | str | None
"""A customer-managed key, an AWS managed one by its alias (`alias/aws/sqs`), UNKNOWN, or None for no KMS key."""

_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}
_KEY_ACTIONS = {"s3": ("kms:GenerateDataKey",), "lambda": ()}  # a bucket is written to without being read
_OTHER_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


def may_assume(
    trust_policy: Document,
    service: str = "lambda.amazonaws.com",
    *,
    role_arn: str = UNKNOWN,
    source_arn: str | None = None,
    context: Mapping[str, Value] | None = None,
) -> Decision:
    """Whether a service may assume a role: Lambda the execution role, EventBridge the role of a rule's target.

    :param trust_policy: the role's trust policy
    :param source_arn: the resource for which the service assumes it, None if that is not known; AWS documents it for
        EventBridge only, where it is the rule
    :param context: more condition keys, as in `Request`
    :raises InvalidPolicy: for a document that AWS would refuse
    """
    sent = _calls.common(role_arn, part(role_arn, 4)) | _calls.by_service(service, source_arn or UNKNOWN)
    if source_arn is None:
        sent |= {"aws:SourceArn": None, "aws:SourceAccount": None}
    sent |= {"sts:ExternalId": (), "aws:RequestedRegion": UNKNOWN}
    sent |= context or {}
    request = Request(Principal.service(service), "sts:AssumeRole", role_arn, context=sent, unlisted="unknown")
    return decide(request, trust_policy)


def may_deliver(  # noqa: PLR0913  (each is a fact of its own)
    role: Principal,
    function_arn: str,
    destination_arn: str,
    *,
    resource_policy: Document | None = None,
    key: Encryption = None,
    account: str | None = None,
    outcome: Literal["Success", "Failure"] | None = None,
    context: Mapping[str, Value] | None = None,
) -> Decision:
    """Whether Lambda can send a function's record to a destination (or dead-letter queue) with the execution role.

    :param role: the execution role, made by `Principal.role(…)`
    :param function_arn: the function whose record it is
    :param destination_arn: the ARN of a queue, topic, function, bus or bucket
    :param resource_policy: the destination's policy, None if it has none (for a topic: the default policy of SNS)
    :param key: the key that encrypts the destination
    :param account: the destination's account if its ARN has none (a bucket); by default the role's account
    :param outcome: which of the two records it is, None for either
    :param context: more condition keys, as in `Request`; they replace those that are known here
    :raises InvalidPolicy: for a document that AWS would refuse, or for a `key` that is not a key
    """
    service, owner = part(destination_arn, 2), account or part(destination_arn, 4) or role.account
    sent = _calls.common(destination_arn, owner) | _calls.by_role(role) | _sent_to(service, outcome)
    answers = []
    for action, resource in _role_calls(service, function_arn, destination_arn):
        request = Request(role, action, resource, owner, sent | dict(context or {}), "unknown")
        answers.append(decide(request, _policy(service, resource_policy, owner)))
    if not answers:
        return Decision(Verdict.UNKNOWN, f"what {destination_arn} needs is not known here")
    # A bus encrypts as itself, after it took the event [E]; every other service does it for the caller.
    caller = Principal.service("events.amazonaws.com") if service == "events" else role
    return _worst([*answers, *_key_answers(caller, destination_arn, key, owner, context)])


def service_may_deliver(  # noqa: PLR0913  (each is a fact of its own)
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
    """Whether a service can send a message on: to a rule's target, a subscription, or the dead-letter queue of either.

    The parameters that are not listed here are those of `may_deliver`.

    :param service: `events.amazonaws.com` or `sns.amazonaws.com`
    :param source_arn: the ARN of the rule or the topic
    :param target_arn: the ARN of a queue, topic, function or bus
    :param role: the role of a rule's target (`RoleArn`), None if EventBridge calls as itself; `may_assume` tells
        whether EventBridge may assume it
    :raises InvalidPolicy: for a document that AWS would refuse, or for a `key` that is not a key
    """
    kind = part(target_arn, 2)
    if kind not in _ACTIONS:
        return Decision(Verdict.UNKNOWN, f"what {target_arn} needs is not known here")
    caller = role or Principal.service(service)
    owner = account or part(target_arn, 4) or UNKNOWN
    sent = _calls.common(target_arn, owner) | _sent_to(kind, None)
    sent |= _calls.by_role(role) if role else _calls.by_service(service, source_arn)
    if kind == "events":
        sent |= dict.fromkeys(("events:source", "events:detail-type", "events:eventBusInvocation"), None)
    request = Request(caller, _ACTIONS[kind], target_arn, owner, sent | dict(context or {}), "unknown")
    answer = decide(request, _policy(kind, resource_policy, owner))
    if kind == "events" and role is None and answer.denied:
        reason = "whether a bus takes events of a rule without a role is not known here"
        answer = Decision(Verdict.UNKNOWN, reason, answer.action)
    writer = Principal.service("events.amazonaws.com") if kind == "events" else caller
    return _worst([answer, *_key_answers(writer, target_arn, key, owner, context)])


def _policy(service: str, given: Document | None, owner: str) -> Document | None:
    """The policy of a resource; SNS gives a topic a default one. Source: Amazon SNS Developer Guide."""
    if given is not None or service != "sns":
        return given
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sns:Publish"],
        "Resource": "*",
        "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
    }
    return {"Version": "2008-10-17", "Statement": [statement]}


def _role_calls(service: str, function_arn: str, destination_arn: str) -> list[tuple[str, str]]:
    """The actions that a delivery needs, with their resources. Source: AWS Lambda Developer Guide, destinations."""
    if service != "s3":
        return [(_ACTIONS[service], destination_arn)] if service in _ACTIONS else []
    name = part(function_arn, 5).split(":")
    function = name[1] if len(name) > 1 else UNKNOWN
    written = f"{destination_arn}/aws/lambda/async/{function}/{UNKNOWN}"
    return [("s3:PutObject", written), ("s3:ListBucket", destination_arn)]


def _sent_to(service: str, outcome: str | None) -> dict[str, Value]:
    if service == "events":
        return _calls.put_events(outcome)
    return _calls.invoke() if service == "lambda" else _calls.publish() if service == "sns" else {}


def _key_answers(
    caller: Principal, target_arn: str, encryption: Encryption, owner: str, context: Mapping[str, Value] | None
) -> Iterable[Decision]:
    """Whether a caller can send a message that is encrypted with the target's key: a decision for each action."""
    service = part(target_arn, 2)
    key = _key(encryption, target_arn, owner)
    if key is None or service == "lambda":  # a function's key is for its environment, not for events
        return
    if isinstance(key, str):
        yield Decision(Verdict.UNKNOWN, f"the key of {target_arn} is not known", _OTHER_KEY_ACTIONS[0])
        return
    if key.enabled is False:
        yield Decision(Verdict.DENIED, f"the key {key.arn} is disabled", _OTHER_KEY_ACTIONS[0])
    if key.enabled is None:
        yield Decision(Verdict.UNKNOWN, f"whether the key {key.arn} is enabled is not known", _OTHER_KEY_ACTIONS[0])
    by_role = caller.kind != "service"
    if key.service is not None and not by_role:
        reason = f"no other service may use {key.aliases[0]}; use a customer-managed key"
        yield Decision(Verdict.DENIED, reason, _OTHER_KEY_ACTIONS[0])
        return
    sent = _calls.common(key.arn, key.owner) | _calls.encrypt(target_arn, key.aliases, role=by_role)
    if by_role:
        sent |= _calls.by_role(caller, via_service=True)
    for action in _KEY_ACTIONS.get(service, _OTHER_KEY_ACTIONS):
        request = Request(caller, action, key.arn, key.owner, sent | _for_key(context), "unknown")
        yield decide(request, key.own_policy)


def _key(encryption: Encryption, target_arn: str, owner: str) -> Encryption:
    if not isinstance(encryption, str) or UNKNOWN in encryption:
        return encryption
    if encryption.startswith("alias/aws/"):
        return Key.aws_managed(encryption, region=part(target_arn, 3) or UNKNOWN, account=owner)
    raise InvalidPolicy(f"{encryption!r} is not a key; pass a Key, the alias of an AWS managed one, or UNKNOWN")


def _for_key(context: Mapping[str, Value] | None) -> dict[str, Value]:
    """The given condition keys of KMS and of the principal; the others are about the destination."""
    return {k: v for k, v in (context or {}).items() if k.lower().startswith(("kms:", "aws:principal"))}


def _worst(answers: list[Decision]) -> Decision:
    """The first that is denied, else the first that is not known, else the first."""
    for verdict in (Verdict.DENIED, Verdict.UNKNOWN):
        for each in answers:
            if each.verdict is verdict:
                return each
    return answers[0]
