"""The decision on a request, as AWS documents its policy evaluation logic.

Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic". Policies of an
organization (SCP, RCP), of a session and of a VPC endpoint are not evaluated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from ._answers import UNKNOWN, Decision, Tri, Verdict, all_of, any_of, same
from ._context import Context, Value
from ._documents import Document, Statement, statements
from ._matching import matches, part
from ._principals import Principal
from ._statements import Call, Effects, effects

ABSENT: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """One call of an AWS API.

    :param principal: who calls
    :param action: such as `sqs:SendMessage`, in upper or lower case
    :param resource: the ARN of the resource
    :param account: the resource's account; by default the account in the ARN, or the caller's if the ARN has none (as a
        bucket's)
    :param context: condition keys, in upper or lower case. A text is the value; it may contain UNKNOWN. A tuple holds
        the values of a multivalued key. `()` means that the key is certainly absent, None that it may be there or not.
        `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:userid` and `aws:username` come from the
        principal unless they are given
    :param unlisted: what a key is that `context` does not name: "absent", or "unknown" if it is a key of `aws:` or of
        the called service; a key of another service is always absent
    """

    principal: Principal
    action: str
    resource: str
    account: str | None = None
    context: Mapping[str, Value] = field(default_factory=dict)
    unlisted: Literal["absent", "unknown"] = "absent"


def decide(request: Request, resource_policy: Document | None = None, *, policy_name: str = "") -> Decision:
    """Whether IAM allows a request.

    :param resource_policy: the policy of the queue, topic, function, bus or bucket, None if it has none. For `kms:`
        actions it is the policy of the key, for `sts:` actions the trust policy of the role: without it they are denied
    :param policy_name: what the reason calls that policy ("the queue's policy")
    :raises InvalidPolicy: for a document that AWS would refuse
    """
    who, service = request.principal, request.action.split(":")[0].lower()
    policy_name = policy_name or _POLICIES.get(service, "the resource's policy")
    context = Context({**_of_principal(who), **_lower(request.context)}, request.unlisted, service)
    call = Call(who, request.action, request.resource, context)
    found = _Effects(
        identity=effects(_all(who.identity, _OWNERS[who.kind]), call),
        boundary=None if who.boundary is None else effects(_all(who.boundary, "the boundary", "policy"), call),
        resource=effects(statements(resource_policy, policy_name, "resource"), call),
    )
    granted = _granted(found, request, must_name=service in ("kms", "sts"))
    return _decision(found, granted, call, policy_name)


@dataclass(frozen=True)
class _Effects:
    identity: Effects
    boundary: Effects | None
    resource: Effects

    def __iter__(self) -> Iterator[Effects]:
        return iter([self.identity, self.resource] + ([self.boundary] if self.boundary else []))


_OWNERS = {"role": "the role", "user": "the user", "service": "the service"}
_POLICIES = {
    "events": "the bus's policy",
    "kms": "the key's policy",
    "lambda": "the function's policy",
    "s3": "the bucket's policy",
    "sns": "the topic's policy",
    "sqs": "the queue's policy",
    "sts": "the role's trust policy",
}


def _all(documents: Iterable[Document], owner: str, kind: str = "policy") -> Iterator[Statement]:
    many = list(documents)
    names = [f"{kind} {number} of {owner}" if len(many) > 1 else f"the {kind} of {owner}" for number in _count(many)]
    if owner == "the boundary":
        names = [f"boundary {number}" if len(many) > 1 else owner for number in _count(many)]
    return chain.from_iterable(statements(each, name, "identity") for each, name in zip(many, names, strict=True))


def _count(many: list[Document]) -> range:
    return range(1, len(many) + 1)


def _granted(found: _Effects, request: Request, *, must_name: bool) -> Tri:
    """Whether it would be allowed if nothing denied it.

    In the caller's account it depends on whom the resource's policy names. If it names the session, the user or
    everyone, that is enough. If it names the role, the boundary must allow it too. Otherwise the role's own policies
    must allow it; for a key or a role (`must_name`), the resource's policy must then name the account.
    """
    who, levels = request.principal, found.resource.allow
    if who.kind == "service":
        return levels["self"]
    within: Tri = True if found.boundary is None else found.boundary.allows
    own = all_of([found.identity.allows, within])
    here = any_of(
        [
            levels["self"],
            all_of([levels["role"], within]),
            all_of([levels["account"], own]) if must_name else own,
        ]
    )
    abroad = all_of([own, found.resource.allows])
    home = _same_account(request)
    if home is None:
        return same([here, abroad])
    return here if home else abroad


def _same_account(request: Request) -> Tri:
    account = request.account or part(request.resource, 4) or request.principal.account
    return matches(request.principal.account, account)


def _decision(found: _Effects, granted: Tri, call: Call, policy_name: str) -> Decision:
    denied = any_of(each.deny for each in found)
    if denied:
        by = next(each.denied_by for each in found if each.denied_by)
        return Decision(Verdict.DENIED, f"{by} denies {call.action}", call.action)
    if granted is False:
        return Decision(Verdict.DENIED, _missing(found, call, policy_name), call.action)
    open_ = [each for part_ in found for each in part_.open]
    if denied is None or granted is None:
        reason = open_[0] if open_ else "whether the accounts are the same is not known"
        return Decision(Verdict.UNKNOWN, reason, call.action)
    by = next(each.allowed_by for each in (found.identity, found.resource) if each.allowed_by)
    return Decision(Verdict.ALLOWED, f"{by} allows {call.action}", call.action)


def _missing(found: _Effects, call: Call, policy_name: str) -> str:
    """Why nothing allows it."""
    who = call.principal
    if who.kind == "service":
        return f"{policy_name} does not allow {call.action} to {who.arn}"
    owner = f"{_OWNERS[who.kind]} {who.issuer.rsplit('/', 1)[-1]}"
    if found.identity.allows is False and found.resource.allows is False:
        return f"neither the policies of {owner} nor {policy_name} allow {call.action}"
    if found.boundary is not None and found.boundary.allows is False:
        return f"the boundary of {owner} does not allow {call.action}"
    if found.resource.allows is False:
        return f"{policy_name} does not allow {call.action} to {owner}"
    return f"{policy_name} leaves it to the policies of {owner}, and they do not allow {call.action}"


def _of_principal(who: Principal) -> dict[str, Value]:
    """The condition keys of the principal. Source: IAM User Guide, "AWS global condition context keys"."""
    if who.kind == "service":
        return {"aws:principalisawsservice": "true", "aws:principalservicename": who.arn, "aws:username": ABSENT}
    session = who.arn.rsplit("/", 1)[-1]
    return {
        "aws:principalarn": who.issuer,
        "aws:principalaccount": who.account,
        "aws:principalisawsservice": "false",
        "aws:principalservicename": ABSENT,
        "aws:principalservicenameslist": ABSENT,
        "aws:principaltype": "AssumedRole" if who.kind == "role" else "User",
        "aws:userid": f"{UNKNOWN}:{session}" if who.kind == "role" else UNKNOWN,
        "aws:username": ABSENT if who.kind == "role" else session,
    }


def _lower(context: Mapping[str, Value]) -> dict[str, Value]:
    return {key.lower(): value for key, value in context.items()}
