"""KMS keys, as far as they decide whether a message arrives."""

from dataclasses import dataclass

from ._answers import UNKNOWN
from ._documents import Document


@dataclass(frozen=True)
class Key:
    """A KMS key that the user manages; an AWS managed one comes from `Key.aws_managed`.

    :param policy: the key's own policy. None is the one that KMS gives a key made without: it leaves all to the
        policies of its account.
    :param aliases: all its aliases (`alias/orders`), with an UNKNOWN among them if there may be more.
    :param enabled: None if that is not known.
    """

    arn: str
    policy: Document | None = None
    aliases: tuple[str, ...] = (UNKNOWN,)
    enabled: bool | None = True
    account: str | None = None
    service: str | None = None

    @classmethod
    def aws_managed(cls, alias: str, *, region: str, account: str) -> "Key":
        """`alias/aws/sqs` and its like: for callers of the account, through that service, and for no other service.

        Source: AWS KMS Developer Guide, "AWS managed keys", and the policy that such a key has.
        """
        service = alias.rsplit("/", 1)[-1]
        through = {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:CallerAccount": account}
        policy = _allow(list(_USES), "*", {"StringEquals": through})
        arn = f"arn:{UNKNOWN}:kms:{region}:{account}:key/{UNKNOWN}"
        return cls(arn, policy, (alias,), account=account, service=service)

    @property
    def own_policy(self) -> Document:
        """The policy, also where KMS wrote it."""
        return self.policy if self.policy is not None else _DEFAULT.replace("ACCOUNT", self.owner)

    @property
    def owner(self) -> str:
        """The account of the key."""
        parts = self.arn.split(":")
        return self.account or (parts[4] if len(parts) > 5 else UNKNOWN)


_USES = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey")
_DEFAULT = """{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"},
"Action": "kms:*", "Resource": "*"}}"""


def _allow(actions: list[str], principal: str, condition: dict[str, dict[str, str]]) -> Document:
    statement = {
        "Sid": "through its service",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
