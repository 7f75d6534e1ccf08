"""KMS keys, with what decides whether a message arrives."""

from dataclasses import dataclass

from ._answers import UNKNOWN
from ._documents import Document


@dataclass(frozen=True)
class Key:
    """A customer-managed KMS key; `Key.aws_managed` makes an AWS managed one.

    :param policy: the key's own policy; None means the default policy of KMS: the policies of the account decide
    :param aliases: all its aliases (`alias/orders`), and an UNKNOWN if there may be more
    :param enabled: whether the key is enabled, None if that is not known
    :param account: the key's account, by default the account in the ARN
    :param service: only for an AWS managed key: the service that uses it (`sqs`)
    """

    arn: str
    policy: Document | None = None
    aliases: tuple[str, ...] = (UNKNOWN,)
    enabled: bool | None = True
    account: str | None = None
    service: str | None = None

    @classmethod
    def aws_managed(cls, alias: str, *, region: str, account: str) -> "Key":
        """An AWS managed key, such as `alias/aws/sqs`. Callers of its account may use it through its service only.

        Source: AWS KMS Developer Guide, "AWS managed keys", and the policy that such a key has.
        """
        service = alias.rsplit("/", 1)[-1]
        through = {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:CallerAccount": account}
        policy = _allow(list(_USES), "*", {"StringEquals": through})
        arn = f"arn:{UNKNOWN}:kms:{region}:{account}:key/{UNKNOWN}"
        return cls(arn, policy, (alias,), account=account, service=service)

    @property
    def own_policy(self) -> Document:
        """The key's policy, or the default policy of KMS if it has none of its own."""
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
