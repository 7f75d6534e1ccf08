"""What all kinds of targets have in common."""

from dataclasses import dataclass, field
from typing import Any

from ...._service import MAX_PAYLOAD
from ..._arn import Arn
from ..._environment import Environment
from ..._result._tree import Delivery


@dataclass(frozen=True, kw_only=True, slots=True)
class Extras:
    """What is sent with a message: attributes of SQS and SNS, and the message group of a FIFO queue."""

    attributes: dict[str, Any] = field(default_factory=dict)
    group: str | None = None

    @property
    def size(self) -> int:
        """The size in bytes: names, types and values of the attributes count."""
        return sum(
            len(part.encode())
            for name, each in self.attributes.items()
            for part in (name, each["DataType"], each["StringValue"])
        )


class Service:
    """One kind of target: its limits, and how something is sent to it and found again."""

    service: str
    action: str

    def limit(self, env: Environment, arn: Arn) -> int | None:  # noqa: ARG002  (subclasses use them)
        """The maximum size in bytes, with the envelope; None if there is no limit."""
        return MAX_PAYLOAD

    def envelope(self, delivery: Delivery) -> int:  # noqa: ARG002  (subclasses use it)
        """Bytes that count in addition to the text."""
        return 0

    def key_id(self, env: Environment, arn: Arn) -> str | None:  # noqa: ARG002  (subclasses use them)
        """The id, ARN or alias of its KMS key, None without one; raises ClientError if the target does not exist."""
        return None

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:
        """Send the text, read what arrived, and set both on the delivery."""
        raise NotImplementedError
