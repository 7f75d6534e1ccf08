"""The values in a record: a condition, a time, a function's ARN, an absent payload."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from enum import Enum

from .._words import shown
from ..errors import InvalidRecord


class Condition(str, Enum):
    """Why Lambda sent a record. AWS may add conditions: one that is not listed here stays a plain string."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"
    ZERO_RESERVED_CONCURRENCY = "ZeroReservedConcurrency"

    # As in enum.StrEnum: without these two methods the text would depend on the version of Python.

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, spec: str) -> str:
        return str.__format__(self, spec)


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "ABSENT"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent.ABSENT
"""Give it for a payload that the record does not have. None is JSON's null."""

FUNCTION_ARN = re.compile(r"arn:([^:]+):lambda:([^:]*):([^:]*):function:([^:]+)(?::([^:]+))?")
_TIME = re.compile(r"([0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})")


class _Conditions(dict[str, "Condition | str"]):
    def __missing__(self, text: str) -> str:
        return text


read_condition = _Conditions((condition.value, condition) for condition in Condition).__getitem__
"""The condition as a member of `Condition`, or as plain text if it is not known."""


def read_function_arn(text: str) -> str:
    """The ARN, after a check that it is a function's."""
    if FUNCTION_ARN.fullmatch(text) is None:
        wanted = "a function's ARN (arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER)"
        raise InvalidRecord("requestContext.functionArn", shown(text), wanted)
    return text


def read_time(text: str) -> datetime:
    """The time, in UTC. Any RFC 3339 time is read; AWS writes three fractional digits and Z."""
    parts = _TIME.fullmatch(text)
    if parts is not None:
        seconds, fraction, zone = parts.groups("")
        offset = "+00:00" if zone == "Z" else zone
        try:
            return datetime.fromisoformat(f"{seconds}.{fraction[:6]:0<6}{offset}").astimezone(timezone.utc)
        except (ValueError, OverflowError):  # not a date, or out of range in UTC
            pass
    raise InvalidRecord("timestamp", shown(text), "a time such as 2026-09-14T15:23:02.161Z")


def in_utc(time: object) -> datetime:
    """The same time in UTC; a datetime without a time zone is refused."""
    if isinstance(time, datetime) and time.utcoffset() is not None:
        try:
            return time.astimezone(timezone.utc)
        except OverflowError:  # the first or last hours of the calendar
            pass
    raise InvalidRecord("timestamp", shown(time), "an aware datetime")


def write_time(time: datetime) -> str:
    """The time as AWS writes it; six fractional digits if three are not enough."""
    unit = "microseconds" if time.microsecond % 1000 else "milliseconds"
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec=unit) + "Z"
