"""The decision, as AWS documents its policy evaluation logic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Union

from ._answers import Decision, Verdict
from ._documents import Document
from ._principals import Principal

Value = Union[str, tuple[str, ...], None]


@dataclass(frozen=True)
class Request:
    """One call of an API.

    :param action: `sqs:SendMessage`, in any case.
    :param resource: its ARN.
    :param account: the resource's account, from the ARN unless given; a bucket's ARN has none.
    :param context: condition keys in any case. A text is the value, with UNKNOWN for what is not known of it; a tuple
        holds the values of a multivalued key; `()` says that the key is certainly absent; None says that it is not
        known whether the key is there. `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:userid`
        and their like come from the principal, unless given.
    :param unlisted: what is known of a key that `context` does not name.
    """

    principal: Principal
    action: str
    resource: str
    account: str | None = None
    context: Mapping[str, Value] = field(default_factory=dict)
    unlisted: Literal["absent", "unknown"] = "absent"


def decide(request: Request, resource_policy: Document | None = None) -> Decision:
    """Whether IAM allows a request.

    :param resource_policy: the policy of the queue, topic, function, bus or bucket; of a key for `kms:` actions and of
        a role for `sts:AssumeRole`, without which nothing is allowed there. None is none at all.
    :raises InvalidPolicy: for a document that AWS would not take.
    """
    return Decision(Verdict.UNKNOWN, "not evaluated yet")
