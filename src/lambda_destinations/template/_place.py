"""The place of a stack, and the names that follow from it."""

from dataclasses import dataclass, replace
from hashlib import sha256

from ._unknown import UNKNOWN


@dataclass(frozen=True, slots=True)
class Place:
    """The account, region, partition and name of a stack."""

    account: str
    region: str
    partition: str
    stack: str

    @property
    def suffix(self) -> str:
        """The domain of AWS's hosts in the partition."""
        return {"aws-cn": "amazonaws.com.cn"}.get(self.partition, "amazonaws.com")

    def within(self, logical_id: str) -> "Place":
        """Return the place of a nested stack. Its name has the form that CloudFormation gives it."""
        return replace(self, stack=f"{self.stack}-{logical_id}-{unique(self, logical_id)}"[:128])

    @property
    def stack_id(self) -> str:
        """The ARN of the stack."""
        return f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/{self.stack}/{uuid(self.stack)}"


def partition_of(region: str) -> str:
    """Return the partition that a region is in."""
    starts = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-isob-": "aws-iso-b",
        "us-iso-": "aws-iso",
        "eusc-": "aws-eusc",
    }
    return next((partition for start, partition in starts.items() if region.startswith(start)), "aws")


def unique(place: Place, logical_id: str) -> str:
    """Return the random part of a name that CloudFormation makes; it is always the same for one resource."""
    return sha256(f"{place.account} {place.region} {place.stack} {logical_id}".encode()).hexdigest()[:12].upper()


def function_arn(name: str, place: Place) -> str:
    """Return the ARN of a function from its ARN, a part of it, or its name, with or without a qualifier."""
    if name.startswith("arn:") or name == UNKNOWN:
        return name
    parts = name.split(":")
    if "function" in parts[:2]:  # ACCOUNT:function:NAME
        account = parts[0] if parts[0] != "function" else place.account
        name = ":".join(parts[parts.index("function") + 1 :])
        return f"arn:{place.partition}:lambda:{place.region}:{account}:function:{name}"
    return f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:{name}"


def uuid(seed: str) -> str:
    """Return an id in the form of a UUID. The same seed gives the same id."""
    text = sha256(seed.encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
