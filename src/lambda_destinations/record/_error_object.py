"""The error object that a failed function leaves as its response."""

from __future__ import annotations

from dataclasses import dataclass

from ._json import compact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorObject:
    """What a function failed with, as far as it says; false in a condition where there is nothing of it.

    Shapes differ between runtimes (AWS, "Lambda function errors"), and a handler may fail with any JSON value.
    """

    type: str | None = None
    message: str | None = None
    stack_trace: tuple[str, ...] = ()
    request_id: str | None = None

    def __bool__(self) -> bool:
        return self != ErrorObject()

    @classmethod
    def from_payload(cls, payload: Any) -> ErrorObject:
        """The error in a response payload; Node calls its stack trace `trace`, and what is no object is the message."""
        if not isinstance(payload, dict):
            return cls(message=_text(payload))
        trace = payload.get("stackTrace", payload.get("trace"))
        lines = trace.splitlines() if isinstance(trace, str) else trace
        return cls(
            type=_text(payload.get("errorType")),
            message=_text(payload.get("errorMessage")),
            stack_trace=tuple(_text(line) or "" for line in lines) if isinstance(lines, list) else (),
            request_id=_text(payload.get("requestId")),
        )


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else compact(value, strict=False)
