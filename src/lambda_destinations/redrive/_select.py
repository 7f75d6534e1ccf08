"""Which records are sent, and what cannot be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._service import MAX_PAYLOAD
from ..errors import InvalidExpression, MissingDependency

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ..record import InvocationRecord


@dataclass
class Selection:
    """The filters; an empty one takes every failure. A success is taken only where `conditions` names it."""

    functions: Collection[str] = ()
    error_types: Collection[str] = ()
    conditions: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    where: Any = None

    def takes(self, record: InvocationRecord) -> bool:
        """Whether the record matches all the filters."""
        names = {record.function_name, f"{record.function_name}:{record.qualifier}", record.function_arn}
        return (
            (not self.functions or bool(names & set(self.functions)))
            and (not self.error_types or record.error.type in self.error_types)
            and (str(record.condition) in self.conditions if self.conditions else not record.succeeded)
            and (self.since is None or record.timestamp >= self.since)
            and (self.until is None or record.timestamp < self.until)
            and (self.where is None or _true(self.where.search(record.to_dict())))
        )


def _true(value: object) -> bool:
    return value is not None and value is not False and value not in ("", [], {})  # JMESPath's own truth: 0 is true


def expression(text: str | None) -> Any:
    """The compiled JMESPath, None without one."""
    if text is None:
        return None
    try:
        import jmespath
        from jmespath.exceptions import JMESPathError
    except ImportError:
        raise MissingDependency("--where needs jmespath; run: pip install 'lambda-destinations[tools]'") from None
    try:
        return jmespath.compile(text)
    except JMESPathError as error:
        raise InvalidExpression(f"{text!r} is not a JMESPath expression: {error}; see https://jmespath.org") from None


def payload_of(record: InvocationRecord, edit: Any) -> tuple[bytes | None, str]:
    """The payload to send, to the byte as it stood, or None and the reason why there is none."""
    text = record.request_payload_json
    if text is None:
        return None, "the record carries no request payload"
    if edit is not None:
        value = edit.search(record.to_dict())
        if value is None:
            return None, "the edit gives null"
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    payload = text.encode()
    if len(payload) > MAX_PAYLOAD:
        return None, f"a payload over {MAX_PAYLOAD:,} bytes, which Lambda refuses"
    return payload, ""
