"""The three answers, the placeholder for text that is not known, and three-valued logic (`None` is the third)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

UNKNOWN = "\ue0ff"
"""The placeholder for text that is not known. It may be a part of a longer text: `f"arn:aws:sqs:{UNKNOWN}:1:orders"`.

In an ARN with all its six parts it stands for text without a colon; in the last part, for any text.
"""

Tri = bool | None
"""True, False, or None if it is not known."""


class Verdict(Enum):
    """What IAM would answer."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Decision:
    """A verdict and the reason for it. It has no truth value: ask for `allowed`, `denied` or `unknown`.

    :param action: the action that the verdict is about; of several calls the one that is denied or not known
    """

    verdict: Verdict
    reason: str
    action: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason.replace(UNKNOWN, "…"))

    @property
    def allowed(self) -> bool:
        """Whether it is certainly allowed."""
        return self.verdict is Verdict.ALLOWED

    @property
    def denied(self) -> bool:
        """Whether it is certainly denied."""
        return self.verdict is Verdict.DENIED

    @property
    def unknown(self) -> bool:
        """Whether it depends on something that is not known."""
        return self.verdict is Verdict.UNKNOWN

    def __bool__(self) -> bool:
        raise TypeError("a Decision has three answers; ask for .allowed, .denied or .unknown")


def any_of(values: Iterable[Tri]) -> Tri:
    """True if any value is True, else None if any is None, else False."""
    found: Tri = False
    for each in values:
        if each:
            return True
        if each is None:
            found = None
    return found


def all_of(values: Iterable[Tri]) -> Tri:
    """False if any value is False, else None if any is None, else True."""
    found: Tri = True
    for each in values:
        if each is False:
            return False
        if each is None:
            found = None
    return found


def negated(value: Tri) -> Tri:
    """The opposite; None stays None."""
    return None if value is None else not value


def same(values: Iterable[Tri]) -> Tri:
    """The value, if all are the same, else None."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
