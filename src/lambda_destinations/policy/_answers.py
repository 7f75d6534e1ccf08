"""The three answers, the text that is not known, and the logic of three values (`None` is the third)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

UNKNOWN = "\ue0ff"
"""Stands for any text that is not known, also inside a longer one: `f"arn:aws:sqs:{UNKNOWN}:1:orders"`.

In an ARN that has its six parts it stands for text within its part, without a colon (in the last part: any text).
"""

Tri = bool | None
"""True, False, or None for what is not known."""


class Verdict(Enum):
    """What IAM would answer."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Decision:
    """A verdict and why, in a few plain words. It has no truth value: ask for `allowed`, `denied` or `unknown`.

    `action` is what was decided about: of several calls the one that is denied or not known (`kms:Decrypt`).
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
        """Whether it depends on what is not known."""
        return self.verdict is Verdict.UNKNOWN

    def __bool__(self) -> bool:
        raise TypeError("a Decision has three answers; ask for .allowed, .denied or .unknown")


def any_of(values: Iterable[Tri]) -> Tri:
    """True if one is, else not known if one is not, else False."""
    found: Tri = False
    for each in values:
        if each:
            return True
        if each is None:
            found = None
    return found


def all_of(values: Iterable[Tri]) -> Tri:
    """False if one is, else not known if one is not, else True."""
    found: Tri = True
    for each in values:
        if each is False:
            return False
        if each is None:
            found = None
    return found


def negated(value: Tri) -> Tri:
    """The opposite; what is not known stays so."""
    return None if value is None else not value


def same(values: Iterable[Tri]) -> Tri:
    """What all of them say, not known if they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
