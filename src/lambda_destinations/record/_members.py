"""The members of a record's document, in AWS's order: the place of each, its field, and how it is read.

All code that reads or writes a document uses this table, and so do the names and the order of the fields.
"""

from __future__ import annotations

import sys
from datetime import datetime

from .._words import shown
from ..errors import InvalidRecord
from ._values import read_condition, read_function_arn, read_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_KINDS = {str: "a string", int: "a whole number that is not negative", dict: "an object"}


def checked(holder: dict[str, Any], name: str, kind: type, path: str, *, required: bool) -> Any:
    """The value of a member, after a check of its kind; None if it is absent and not required."""
    if name not in holder:
        if required:
            raise InvalidRecord(path, "nothing", _KINDS[kind])
        return None
    value = holder[name]
    if not isinstance(value, kind) or isinstance(value, bool) or (isinstance(value, int) and value < 0):
        raise InvalidRecord(path, shown(value), _KINDS[kind])
    return value


class Member:
    """A member that becomes a field. A payload has no kind: it is any JSON value, and null does not mean absent."""

    __slots__ = ("field", "holder", "kind", "name", "parse", "path", "pattern", "quick", "required")

    def __init__(  # noqa: PLR0913  (the columns of the table)
        self,
        path: str,
        field: str,
        kind: type[str | int] | None = None,
        *,
        parse: Callable[[Any], object] | None = None,
        pattern: str = "",
        quick: Callable[[str], object] | None = None,
        required: bool = True,
    ) -> None:
        self.path, self.field, self.kind, self.required = path, field, kind, required
        self.holder, _, self.name = path.rpartition(".")
        self.parse = parse
        self.pattern, self.quick = pattern, quick  # for the fast path: how AWS writes the value, and how to convert it

    def read(self, holder: dict[str, Any]) -> Any:
        """The field's value, from the object that has the member."""
        if self.kind is None:
            return holder.get(self.name)
        value = checked(holder, self.name, self.kind, self.path, required=self.required)
        return value if value is None or self.parse is None else self.parse(value)


_PART = r'[^:"\\\x00-\x1f]'
_TEXT = r'"([^"\\\x00-\x1f]*)"'
_TIME = r'"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)"'
_ARN = rf'"(arn:{_PART}+:lambda:{_PART}*:{_PART}*:function:{_PART}+(?::{_PART}+)?)"'
_COUNT = r"(0|[1-9][0-9]?)"
_STATUS = r"([1-9][0-9][0-9])"


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text[:-1] + "+00:00")


_moment = datetime.fromisoformat if sys.version_info >= (3, 11) else _utc  # fromisoformat accepts the Z since 3.11


MEMBERS = (
    Member("version", "version", str, pattern=_TEXT),
    Member("timestamp", "timestamp", str, parse=read_time, pattern=_TIME, quick=_moment),
    Member("requestContext.requestId", "request_id", str, pattern=_TEXT),
    Member("requestContext.functionArn", "function_arn", str, parse=read_function_arn, pattern=_ARN),
    Member("requestContext.condition", "condition", str, parse=read_condition, pattern=_TEXT, quick=read_condition),
    Member("requestContext.approximateInvokeCount", "approximate_invoke_count", int, pattern=_COUNT, quick=int),
    Member("requestPayload", "request_payload"),
    Member("responseContext.statusCode", "status_code", int, pattern=_STATUS, quick=int, required=False),
    Member("responseContext.executedVersion", "executed_version", str, pattern=_TEXT, required=False),
    Member("responseContext.functionError", "function_error", str, pattern=_TEXT, required=False),
    Member("responsePayload", "response_payload"),
)
PRESENCE = ("has_request_payload", "has_response_payload")
FIELDS = (*(member.field for member in MEMBERS), *PRESENCE)
CONTEXTS = ("requestContext", "responseContext")
TOP = tuple(dict.fromkeys(member.path.partition(".")[0] for member in MEMBERS))


def inside(holder: str) -> tuple[Member, ...]:
    """The members of one object; "" is the whole document."""
    return tuple(member for member in MEMBERS if member.holder == holder)


class Draft:
    """A record while it is read. Its `__class__` is then set to the record's: five times as fast as frozen slots."""

    __slots__ = (*FIELDS, "_text")
