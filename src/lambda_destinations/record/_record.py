"""The record that Lambda sends to a destination after an asynchronous invocation. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  (see Any below)

from .._words import shown
from ..errors import InvalidRecord
from ._document import from_value, payload_text, read, read_members, write
from ._error_object import ErrorObject
from ._json import DEEPEST, text_of, whole_object
from ._layout import read_layout
from ._members import FIELDS
from ._values import ABSENT, FUNCTION_ARN, Condition, in_utc, read_condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
else:
    Any = object  # so that annotations can be resolved at run time


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvocationRecord:
    """A record of an asynchronous invocation (AWS, "Capturing records of Lambda asynchronous invocations").

    An optional member that is absent is None. A payload is any JSON value; its None means null or absent, and
    `has_request_payload` and `has_response_payload` say which. Give `ABSENT` for a payload to leave it out.
    The payloads are plain dicts and lists. To change one, change a copy and make a new record with
    `dataclasses.replace`. Equality compares the fields only, not how the JSON was written or members without a field.

    :raises InvalidRecord: for a value that a record cannot have
    """

    version: str = "1.0"
    timestamp: datetime
    request_id: str
    function_arn: str
    condition: Condition | str
    approximate_invoke_count: int
    request_payload: Any = field(default=ABSENT, hash=False)
    status_code: int | None = None
    executed_version: str | None = None
    function_error: str | None = None
    response_payload: Any = field(default=ABSENT, hash=False)
    has_request_payload: bool = True
    has_response_payload: bool = True
    _text: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Convert the fields to the form that `from_json` gives them.

        :raises InvalidRecord: where `from_json` would raise it
        """
        settled: dict[str, Any] = {"timestamp": in_utc(self.timestamp)}
        if isinstance(self.condition, str):
            settled["condition"] = read_condition(self.condition)
        for name in ("request_payload", "response_payload"):
            value = getattr(self, name)
            # A value counts more than the flag: `replace` passes on the flag of the old record.
            settled[f"has_{name}"] = value is not ABSENT and (value is not None or getattr(self, f"has_{name}"))
            settled[name] = None if value is ABSENT else value
        for name, value in settled.items():
            object.__setattr__(self, name, value)
        text = self.to_json()
        read(text)
        object.__setattr__(self, "_text", text)

    @staticmethod
    def from_json(document: str | bytes | bytearray) -> InvocationRecord:
        """Read the record in a JSON document.

        :param document: str or UTF-8 bytes
        :raises InvalidRecord: for a document that is not a record; nothing else is raised
        """
        try:
            return _record(text_of(document))
        except RecursionError:
            raise InvalidRecord("", "nesting deeper than the stack that is left", f"at most {DEEPEST} levels") from None

    @staticmethod
    def from_dict(document: dict[str, Any]) -> InvocationRecord:
        """Read the record in a decoded document. The record keeps a copy.

        :raises InvalidRecord: for a document that is not a record; nothing else is raised
        """
        try:
            return _record(from_value(document))
        except RecursionError:
            raise InvalidRecord("", "nesting deeper than the stack that is left", f"at most {DEEPEST} levels") from None

    def to_json(self) -> str:
        """The record as JSON: for `from_json`, the same bytes that it was given; else compact, in AWS's order.

        A record made with `dataclasses.replace` keeps the text of everything that did not change, unknown members too.

        :raises InvalidRecord: when a payload was changed in place to a value that JSON does not have
        """
        return write(self._fields(), self._text)

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` gives, decoded: a new document, which shares nothing with the record.

        :raises InvalidRecord: as `to_json`
        """
        return {name: member.value for name, member in whole_object(self.to_json()).items()}

    @property
    def request_payload_json(self) -> str | None:
        """The text of the request payload, byte for byte as the caller sent it, or None if it is absent."""
        return payload_text(self.to_json(), "requestPayload")

    @property
    def response_payload_json(self) -> str | None:
        """The text of the response payload, byte for byte as the function returned it, or None if it is absent."""
        return payload_text(self.to_json(), "responsePayload")

    @property
    def succeeded(self) -> bool:
        """Whether the condition is `Success`. Lambda sends any other condition to on-failure destinations only."""
        return self.condition == Condition.SUCCESS

    @property
    def error(self) -> ErrorObject:
        """The error of the function; it is empty, and so false, when the function succeeded or never ran."""
        return ErrorObject() if self.succeeded else ErrorObject.from_payload(self.response_payload)

    @property
    def partition(self) -> str:
        """The function's partition, such as `aws`."""
        return self._arn(1) or ""

    @property
    def region(self) -> str:
        """The function's region."""
        return self._arn(2) or ""

    @property
    def account(self) -> str:
        """The function's account."""
        return self._arn(3) or ""

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._arn(4) or ""

    @property
    def qualifier(self) -> str:
        """The qualifier that was invoked: an alias, a version, or `$LATEST`, also if the ARN has no qualifier."""
        return self._arn(5) or "$LATEST"

    def _arn(self, group: int) -> str | None:
        arn = FUNCTION_ARN.fullmatch(self.function_arn)
        assert arn is not None  # every record was checked to have one
        return arn[group]

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIELDS}

    def __repr__(self) -> str:
        values = self._fields()
        parts = {name: repr(value) for name, value in values.items() if "payload" not in name and value is not None}
        for name in ("request_payload", "response_payload"):
            if values[f"has_{name}"]:
                parts[name] = f"<{shown(values[name])}>"  # it may be a megabyte, or private
        return f"InvocationRecord({', '.join(f'{name}={text}' for name, text in parts.items())})"


def _record(text: str) -> InvocationRecord:
    draft: Any = read_layout(text) or read_members(text)  # what `read` does, with one call less
    draft._text = text
    draft.__class__ = InvocationRecord
    record: InvocationRecord = draft
    return record
