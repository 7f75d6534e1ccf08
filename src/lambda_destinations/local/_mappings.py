"""Event source mappings of queues. The engine does not get them: its own poller would take the messages away."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """A queue that a function reads.

    :ivar path: the construct path
    :ivar function: name or ARN, with its qualifier if it has one
    :ivar properties: those of the template, with values instead of references
    """

    path: str
    queue_arn: str
    function: str
    properties: dict[str, Any]

    @property
    def enabled(self) -> bool:
        """Whether it polls."""
        return str(self.properties.get("Enabled", True)).lower() != "false"
