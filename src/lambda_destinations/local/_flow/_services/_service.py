"""What all kinds of targets have in common."""

from dataclasses import dataclass, field
from typing import Any

from ...._service import MAX_PAYLOAD
from ..._arn import Arn
from ..._environment import Environment
from ..._result._tree import Delivery


@dataclass(frozen=True, kw_only=True, slots=True)
class Extras:
    """What goes with a message beside its text: attributes of SQS and SNS, and the group of a FIFO queue."""

    attributes: dict[str, Any] = field(default_factory=dict)
    group: str | None = None

    @property
    def size(self) -> int:
        """Bytes: names, types and values of the attributes count."""
        return sum(
            len(part.encode())
            for name, each in self.attributes.items()
            for part in (name, each["DataType"], each["StringValue"])
        )


class Service:
    """One kind of target: what may be asked of it, and how something gets there and is found again."""

    service: str
    action: str

    def limit(self, env: Environment, arn: Arn) -> int | None:  # noqa: ARG002 (some ask)
        """The most bytes that it takes, its envelope counted; None for no limit."""
        return MAX_PAYLOAD

    def envelope(self, delivery: Delivery) -> int:  # noqa: ARG002 (some have one)
        """Bytes that count beside the text."""
        return 0

    def key_id(self, env: Environment, arn: Arn) -> str | None:  # noqa: ARG002 (some have one)
        """The KMS key that it is encrypted with, as it was named; raises ClientError if it is not there."""
        return None

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:
        """Put the text there, look at what arrived, and note both on the delivery."""
        raise NotImplementedError
