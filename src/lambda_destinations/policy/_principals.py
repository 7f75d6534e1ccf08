"""Who asks, and whether a policy's Principal or NotPrincipal names them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ._answers import UNKNOWN
from ._documents import Document


@dataclass(frozen=True)
class Principal:
    """Who asks: made by `Principal.role`, `.service`, `.user` or `.root`.

    `arn` is what signs the call: a role session's ARN, a user's, an account's root, or a service's name.
    `issuer` is the ARN that `aws:PrincipalArn` holds: the role's for a session. `boundary` None is no boundary.
    """

    kind: Literal["role", "service", "user", "root"]
    arn: str
    issuer: str
    account: str | None
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
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
        bounds = None if boundary is None else (boundary,) if isinstance(boundary, (str, Mapping)) else tuple(boundary)
        return cls("role", arn, role_arn, account, tuple(identity), bounds)

    @classmethod
    def service(cls, name: str) -> "Principal":
        """A service that calls for itself, such as `events.amazonaws.com`."""
        return cls("service", name, name, None)
