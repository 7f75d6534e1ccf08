"""The error object: the response of a function that failed."""

from __future__ import annotations

from dataclasses import dataclass

from ._json import compact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorObject:
    """The error of a failed function. Any part may be missing; an error without any part is false.

    Its form differs between runtimes (AWS, "Lambda function errors"), and a handler may fail with any JSON value.

    :param type: the `errorType`, such as `ValueError`
    :param message: the `errorMessage`
    :param stack_trace: the `stackTrace`, one line each
    :param request_id: the `requestId`, which some runtimes add
    """

    type: str | None = None
    message: str | None = None
    stack_trace: tuple[str, ...] = ()
    request_id: str | None = None

    def __bool__(self) -> bool:
        return self != ErrorObject()

    @classmethod
    def from_payload(cls, payload: Any) -> ErrorObject:
        """Read the error in a response payload; a payload that is not an object becomes the message.

        :param payload: any JSON value; Node's runtime calls the stack trace `trace`
        """
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
