"""The principal of a request, and whether a policy's Principal or NotPrincipal names it.

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
"""What a statement names: the principal itself, its role, or its account."""


@dataclass(frozen=True)
class Principal:
    """Who makes a call. Use `Principal.role`, `.user` or `.service` to make one.

    :param arn: the ARN of the role session or of the user, or the name of the service
    :param issuer: the value of `aws:PrincipalArn`: the ARN of the role or of the user
    :param account: the principal's account, "" for a service
    :param identity: its policies
    :param boundary: the policies of its permissions boundary, None if it has no boundary
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
        """A session of a role.

        :param session: its name: Lambda uses the function's name
        :param identity: inline and managed policies; a managed policy may be given by its ARN
        :param boundary: the permissions boundary, None if there is none
        :raises InvalidPolicy: if `role_arn` is not an ARN
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
        """An IAM user; the parameters are those of `role`.

        :raises InvalidPolicy: if `user_arn` is not an ARN
        """
        account = _split(user_arn, "user")[4]
        return cls("user", user_arn, user_arn, account, _documents(identity), _bounds(boundary))

    @classmethod
    def service(cls, name: str) -> "Principal":
        """A service that calls as itself, such as `events.amazonaws.com`."""
        return cls("service", name, "", "")


def named(listed: Principals, principal: Principal) -> dict[Level, Tri]:
    """Whether a `Principal` element (not a NotPrincipal) names a principal, at each level."""
    return {
        "self": any_of(_is_self(kind, name, principal) for kind, name in listed.listed),
        "role": any_of(_is_role(kind, name, principal) for kind, name in listed.listed),
        "account": any_of(_is_account(kind, name, principal) for kind, name in listed.listed),
    }


def spared(listed: Principals, principal: Principal) -> Tri:
    """Whether a NotPrincipal lists a principal, so that the statement does not apply to it.

    AWS always denies a principal that has a boundary. It asks to list the session, the role and the account, and says
    that a Deny without one of them "might" deny: if only some of them are listed, the answer is None.
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
    """Whether it is `"*"` or `{"AWS": "*"}`; None for a name that may be an asterisk."""
    if kind == "*":
        return True
    return None if UNKNOWN in kind else kind == "AWS" and _same(name, "*")


def _is_role(kind: str, name: str, principal: Principal) -> Tri:
    if principal.kind == "service":
        return False
    if UNKNOWN in kind or (kind == "AWS" and name.startswith(("AROA", "AIDA"))):
        return None  # a unique id: its role or user is not known here
    return kind == "AWS" and principal.kind == "role" and _same(name, principal.issuer)


def _is_account(kind: str, name: str, principal: Principal) -> Tri:
    if principal.kind == "service":
        return False
    if UNKNOWN in kind or kind == "CanonicalUser":
        return None  # an account, but it is not known which one
    root = f"arn:{part(principal.issuer, 1)}:iam::{principal.account}:root"
    return kind == "AWS" and any_of([_same(name, principal.account), _same(name, root)])


def _is_service(name: str, service: str) -> Tri:
    found = _same(name, service)
    first, _, rest = name.partition(".")
    own = service.partition(".")[0]
    # `sns.eu-south-1.amazonaws.com` is SNS in an opt-in region; it is not known when SNS uses that name.
    regional = first == own and rest.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    return None if found is False and (regional or "*" in name) else found


def _same(name: str, arn: str) -> Tri:
    """Whether two principals are the same. Upper and lower case differ, and there are no wildcards."""
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
        return (cast("Mapping[str, Any]", given),)  # one document instead of several
    return tuple(given)


def _bounds(given: Document | Iterable[Document] | None) -> tuple[Document, ...] | None:
    return None if given is None else _documents(given)
