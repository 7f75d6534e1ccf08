"""Check the thresholds that users give; a token is not checked."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from .._service import MAX_AGE
from ._cdk import Tokenization

if TYPE_CHECKING:
    from ._cdk import Duration


def is_number_token(value: float) -> bool:
    """Tell whether a number is a token, which the CDK resolves later; tokens are far below zero."""
    return value < 0 and Tokenization.reverse_number(value) is not None


def require_count(value: object, where: str) -> None:
    """Raise TypeError for a value that is not a number, ValueError for a negative, infinite or NaN one."""
    if value is None:
        return
    if not _is_number(value):
        raise TypeError(f"{where} wants a number or None, got a {type(value).__qualname__}")
    number: Any = value
    if not isfinite(number) or (number < 0 and not is_number_token(number)):
        raise ValueError(f"{where} wants a threshold of zero or more, got {value}: None leaves the alarm out")


def share_or_seconds(value: float | Duration | None, where: str) -> tuple[float, float | None] | None:
    """Return a share and None, or 1 and the seconds of a Duration."""
    if value is None:
        return None
    number: Any = value
    if _is_number(value):
        if not 0 < number <= 1:
            raise ValueError(f"{where} wants a share over 0 and up to 1, or a Duration, got {value}")
        return number, None
    seconds = seconds_of(value, where)
    assert seconds is not None
    if seconds < 0:
        raise ValueError(f"{where} is a token, and its milliseconds are not known: give a Duration of a known length")
    if seconds > MAX_AGE:
        raise ValueError(f"{where} is {seconds:.0f} s, and no event gets older than {MAX_AGE} s: give less")
    return 1, seconds


def seconds_of(value: Any, where: str) -> float | None:
    """Return the seconds of a Duration, which may be a token; None for None."""
    if value is None:
        return None
    if not hasattr(value, "to_seconds"):
        raise TypeError(f"{where} wants a Duration or None, got a {type(value).__qualname__}")
    seconds = float(value.to_seconds())
    if seconds == 0 or (seconds < 0 and not is_number_token(seconds)):
        raise ValueError(f"{where} wants more than zero, got {seconds:.0f} s")
    return seconds


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
