"""KMS keys, as far as they decide whether a message arrives."""

from dataclasses import dataclass

from ._answers import UNKNOWN
from ._documents import Document


@dataclass(frozen=True)
class Key:
    """A customer-managed KMS key.

    :param policy: the key's own policy; None is the one that KMS gives a key made without: the account's root may all.
    :param aliases: all its aliases (`alias/orders`); an UNKNOWN among them if there may be more.
    :param enabled: None if that is not known.
    :param account: the one in the ARN, unless given.
    """

    arn: str
    policy: Document | None = None
    aliases: tuple[str, ...] = (UNKNOWN,)
    enabled: bool | None = True
    account: str | None = None
