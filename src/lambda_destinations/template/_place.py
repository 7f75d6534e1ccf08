"""Where a stack is, and the names that follow from that."""

from dataclasses import dataclass, replace
from hashlib import sha256

from ._unknown import UNKNOWN


@dataclass(frozen=True, slots=True)
class Place:
    """The account, region and partition of a stack, and its name."""

    account: str
    region: str
    partition: str
    stack: str

    @property
    def suffix(self) -> str:
        """The end of the names of hosts."""
        return {"aws-cn": "amazonaws.com.cn"}.get(self.partition, "amazonaws.com")

    def within(self, logical_id: str) -> "Place":
        """Return the place of a stack that is nested here; its name is like the one that CloudFormation makes."""
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
    """Return what CloudFormation would make random in a name, the same for the same resource."""
    return sha256(f"{place.account} {place.region} {place.stack} {logical_id}".encode()).hexdigest()[:12].upper()


def function_arn(name: str, place: Place) -> str:
    """Return the ARN of a function that is named in any way: by ARN, part of it, or name, with a qualifier or not."""
    if name.startswith("arn:") or name == UNKNOWN:
        return name
    parts = name.split(":")
    if "function" in parts[:2]:  # ACCOUNT:function:NAME
        account = parts[0] if parts[0] != "function" else place.account
        name = ":".join(parts[parts.index("function") + 1 :])
        return f"arn:{place.partition}:lambda:{place.region}:{account}:function:{name}"
    return f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:{name}"


def uuid(seed: str) -> str:
    """Return an id in the form of a UUID, the same for the same seed."""
    text = sha256(seed.encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
