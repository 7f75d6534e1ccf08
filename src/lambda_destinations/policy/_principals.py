"""Who asks, and whether a policy's Principal or NotPrincipal names them.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "… NotPrincipal".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from ..errors import InvalidPolicy
from ._answers import UNKNOWN, Tri, all_of, any_of
from ._documents import Document, Principals
from ._matching import matches, part

Level = Literal["self", "role", "account"]
"""How directly a statement lets a principal in: as what it is, by its role, or by handing it on to its account."""


@dataclass(frozen=True)
class Principal:
    """Who asks: made by `Principal.role`, `.user` or `.service`.

    `arn` is what signs the call: a role session's ARN, a user's, or a service's name. `issuer` is what
    `aws:PrincipalArn` holds: the role's ARN for a session. `boundary` None is no boundary.
    """

    kind: Literal["role", "user", "service"]
    arn: str
    issuer: str
    account: str
    identity: tuple[Document, ...] = ()
    boundary: tuple[Document, ...] | None = None

    @classmethod
    def role(
        cls,
        role_arn: str,
        *,
        session: str = UNKNOWN,
        identity: Iterable[Document] = (),
        boundary: Document | Iterable[Document] | None = None,
    ) -> "Principal":
        """A session of a role; Lambda names the session after the function.

        :param identity: inline and managed policies. Of an AWS managed one its ARN may stand for its content;
            UNKNOWN stands for one whose content is not known.
        """
        start, name = _split(role_arn, "role"), role_arn.rsplit("/", 1)[-1]
        session_arn = f"arn:{start[1]}:sts::{start[4]}:assumed-role/{name}/{session}"
        return cls("role", session_arn, role_arn, start[4], _documents(identity), _bounds(boundary))

    @classmethod
    def user(
        cls,
        user_arn: str,
        *,
        identity: Iterable[Document] = (),
        boundary: Document | Iterable[Document] | None = None,
    ) -> "Principal":
        """An IAM user."""
        account = _split(user_arn, "user")[4]
        return cls("user", user_arn, user_arn, account, _documents(identity), _bounds(boundary))

    @classmethod
    def service(cls, name: str) -> "Principal":
        """A service that calls for itself, such as `events.amazonaws.com`."""
        return cls("service", name, "", "")


def named(listed: Principals, principal: Principal) -> dict[Level, Tri]:
    """How directly a `Principal` (not a NotPrincipal) names a principal: an answer for each level."""
    return {
        "self": any_of(_is_self(kind, name, principal) for kind, name in listed.listed),
        "role": any_of(_is_role(kind, name, principal) for kind, name in listed.listed),
        "account": any_of(_is_account(kind, name, principal) for kind, name in listed.listed),
    }


def spared(listed: Principals, principal: Principal) -> Tri:
    """Whether a NotPrincipal leaves a principal out.

    AWS always denies one that has a boundary. It asks to list the session, the role and the account, and says that a
    Deny without one of them "might" deny: with a part of them it is not known.
    """
    if principal.kind != "service" and principal.boundary is not None:
        return False
    levels = named(listed, principal)
    if principal.kind == "service":
        return levels["self"]
    asked = [levels["self"], levels["account"]] + ([levels["role"]] if principal.kind == "role" else [])
    found = all_of(asked)
    named_or_not = found if found or any_of(asked) is False else None
    return any_of([named_or_not, *(_is_everyone(kind, name) for kind, name in listed.listed)])


def _is_self(kind: str, name: str, principal: Principal) -> Tri:
    if UNKNOWN in kind:
        return None
    if kind == "Service" and principal.kind == "service":
        return _is_service(name, principal.arn)
    everyone = _is_everyone(kind, name)
    if kind == "AWS" and principal.kind != "service":
        return any_of([everyone, _same(name, principal.arn)])
    return everyone


def _is_everyone(kind: str, name: str) -> Tri:
    """`"*"` and `{"AWS": "*"}`; not known of a name that may turn out to be an asterisk."""
    if kind == "*":
        return True
    return None if UNKNOWN in kind else kind == "AWS" and _same(name, "*")


def _is_role(kind: str, name: str, principal: Principal) -> Tri:
    if principal.kind == "service":
        return False
    if UNKNOWN in kind or (kind == "AWS" and name.startswith(("AROA", "AIDA"))):
        return None  # a unique id: of which role or user is not known here
    return kind == "AWS" and principal.kind == "role" and _same(name, principal.issuer)


def _is_account(kind: str, name: str, principal: Principal) -> Tri:
    if principal.kind == "service":
        return False
    if UNKNOWN in kind or kind == "CanonicalUser":
        return None  # an account, but which is not known here
    root = f"arn:{part(principal.issuer, 1)}:iam::{principal.account}:root"
    return kind == "AWS" and any_of([_same(name, principal.account), _same(name, root)])


def _is_service(name: str, service: str) -> Tri:
    found = _same(name, service)
    first, _, rest = name.partition(".")
    own = service.partition(".")[0]
    # `sns.eu-south-1.amazonaws.com` is SNS in a region that was opted in to; when it is used is SNS's affair.
    regional = first == own and rest.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    return None if found is False and (regional or "*" in name) else found


def _same(name: str, arn: str) -> Tri:
    """Principals are compared as they are, in their case and without wildcards."""
    return matches(name, arn)


def _split(arn: str, kind: str) -> list[str]:
    parts = arn.split(":", 5)
    if len(parts) == 6 or UNKNOWN in arn:
        return parts if len(parts) == 6 else ["arn", UNKNOWN, "iam", "", UNKNOWN, f"{kind}/{UNKNOWN}"]
    raise InvalidPolicy(f"{arn!r} is not the ARN of a {kind}; pass one like 'arn:aws:iam::123456789012:{kind}/name'")


def _documents(given: Document | Iterable[Document]) -> tuple[Document, ...]:
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Mapping):
        return (cast("Mapping[str, Any]", given),)  # one document, where many are asked for
    return tuple(given)


def _bounds(given: Document | Iterable[Document] | None) -> tuple[Document, ...] | None:
    return None if given is None else _documents(given)
