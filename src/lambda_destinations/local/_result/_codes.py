"""The codes in the tree of a run, for programs to compare. Their texts are in `_words`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(str, Enum):
    """What became of a record, or of a run, at one place."""

    DELIVERED = "delivered"
    LOST = "lost"
    UNKNOWN = "unknown"


class Leg(str, Enum):
    """Why something was sent to a target."""

    ON_SUCCESS = "on-success"
    ON_FAILURE = "on-failure"
    DEAD_LETTER = "dead-letter-queue"
    RULE = "rule"
    SUBSCRIPTION = "subscription"
    UNDELIVERED = "undelivered"  # the dead-letter queue of a rule's target or of a subscription
    REDRIVE = "redrive"  # the dead-letter queue of a queue


@dataclass(frozen=True, slots=True)
class Finding:
    """A code, and the data that its text needs."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Problem(str):
    """Why something was lost or is unknown: a sentence, with its `code`, `verdict` and place (`where`) in the tree."""

    __slots__ = ("code", "data", "verdict", "where")

    code: str
    data: Mapping[str, Any]
    verdict: Verdict
    where: str

    def __new__(cls, where: str, words: str, finding: Finding, verdict: Verdict) -> "Problem":
        """`where` is `on success → Queue`, or the label of a function."""
        made = super().__new__(cls, f"{where}: {words}")
        made.where, made.code, made.data, made.verdict = where, finding.code, finding.data, verdict
        return made

    def to_dict(self) -> dict[str, Any]:
        """The problem as JSON values."""
        return {
            "code": self.code,
            "verdict": self.verdict.value,
            "where": self.where,
            "data": dict(self.data),
            "message": str(self),
        }
