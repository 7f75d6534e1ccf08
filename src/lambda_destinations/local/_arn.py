"""The parts of an ARN. Only this module splits ARNs at their colons."""

import functools
from dataclasses import dataclass, replace

LATEST = "$LATEST"

_PARTS = 6  # arn, partition, service, region, account, resource


@dataclass(frozen=True, slots=True)
class Arn:
    """An Amazon Resource Name. `region` and `account` are "" where the service leaves them out (S3, IAM)."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @staticmethod
    @functools.lru_cache(maxsize=4096)
    def parse(text: str) -> "Arn":
        """Parse an ARN; raises ValueError for any other text."""
        parts = text.split(":", _PARTS - 1)
        if len(parts) < _PARTS or parts[0] != "arn" or not (parts[1] and parts[2] and parts[5]):
            raise ValueError(f"{text!r} is not an ARN")
        return Arn(*parts[1:])

    @staticmethod
    def find(text: object) -> "Arn | None":
        """Parse an ARN; None for anything else."""
        try:
            return Arn.parse(text) if isinstance(text, str) else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return ":".join(("arn", self.partition, self.service, self.region, self.account, self.resource))

    @property
    def kind(self) -> str:
        """What is before the name: `function`, `event-bus`, `rule`, `role`, `key`, `alias`; "" if nothing is."""
        head = self.resource.replace(":", "/").partition("/")
        return head[0] if head[1] else ""

    @property
    def name(self) -> str:
        """The name without path and qualifier: of a function, queue, topic, bucket, event bus, rule, role or key."""
        if self.is_function:
            return self.resource.split(":")[1]
        if self.service == "s3":
            return self.resource.partition("/")[0]
        return self.resource.rpartition("/")[2].rpartition(":")[2]

    @property
    def is_function(self) -> bool:
        """Whether this is a Lambda function, or a version or alias of one."""
        return self.service == "lambda" and self.resource.startswith("function:")

    @property
    def qualifier(self) -> str | None:
        """The version or alias of a function; None if the ARN has none."""
        parts = self.resource.split(":")
        return parts[2] if self.is_function and len(parts) > 2 else None

    @property
    def unqualified(self) -> "Arn":
        """The ARN of the function without its qualifier; any other ARN unchanged."""
        return replace(self, resource=f"function:{self.name}") if self.is_function else self

    def qualified(self, qualifier: str) -> "Arn":
        """The ARN of a version or alias of this function."""
        return replace(self, resource=f"function:{self.name}:{qualifier}")

    @property
    def bus(self) -> str | None:
        """The name of an event bus, or of the event bus that a rule is on; None for any other ARN."""
        steps = self.resource.split("/")
        if self.service != "events" or steps[0] not in {"event-bus", "rule"}:
            return None
        if steps[0] == "event-bus":
            return steps[-1]
        return "/".join(steps[1:-1]) or "default"

    @property
    def root(self) -> str:
        """The ARN of the root of this ARN's account."""
        return f"arn:{self.partition}:iam::{self.account}:root"
