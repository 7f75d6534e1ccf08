"""The record's document: to the fields of the model, and back."""

from __future__ import annotations

import marshal

from ._json import Member, compact, object_at, refuse_depth, whole_object
from ._layout import read_layout
from ._values import read_condition, read_function_arn, read_time, write_time
from ._words import shortened, shown
from .errors import InvalidRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")
    Fields = tuple[Any, ...]  # in the order of FIELDS

_KNOWN = ("version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload")
_REQUEST = {
    "requestId": "request_id",
    "functionArn": "function_arn",
    "condition": "condition",
    "approximateInvokeCount": "approximate_invoke_count",
}
_RESPONSE = {"statusCode": "status_code", "executedVersion": "executed_version", "functionError": "function_error"}
_PAYLOADS = {"requestPayload": "request_payload", "responsePayload": "response_payload"}
FIELDS = (
    "version",
    "timestamp",
    *_REQUEST.values(),
    "request_payload",
    *_RESPONSE.values(),
    "response_payload",
    "has_request_payload",
    "has_response_payload",
)
_KINDS = {str: "a string", int: "a whole number that is not negative", dict: "an object"}
_SENDERS = {
    "KinesisBatchInfo": "a Kinesis stream",
    "DDBStreamBatchInfo": "a DynamoDB stream",
    "KafkaBatchInfo": "Kafka",
}


def read(text: str) -> Fields:
    """The fields of the record that is the whole text."""
    return read_layout(text) or read_members(text)


def read_members(text: str) -> Fields:
    """The same, from a record that is written in any other way than AWS's, or that is none."""
    members = whole_object(text)
    document = {name: member.value for name, member in members.items()}
    if "requestPayload" not in document:
        refuse_other_documents(document)
    for name in ("requestContext", "responseContext"):
        if isinstance(document.get(name), dict):
            object_at(text, members[name].start, name)  # the dict no longer knows of a member named twice
    refuse_depth(text, document)
    request = _required(document, "requestContext", dict)
    response = _optional(document, "responseContext", dict) or {}
    return (
        _required(document, "version", str),
        read_time(_required(document, "timestamp", str)),
        _required(request, "requestId", str, "requestContext."),
        read_function_arn(_required(request, "functionArn", str, "requestContext.")),
        read_condition(_required(request, "condition", str, "requestContext.")),
        _required(request, "approximateInvokeCount", int, "requestContext."),
        document.get("requestPayload"),
        _optional(response, "statusCode", int, "responseContext."),
        _optional(response, "executedVersion", str, "responseContext."),
        _optional(response, "functionError", str, "responseContext."),
        document.get("responsePayload"),
        "requestPayload" in document,
        "responsePayload" in document,
    )


def _required(holder: dict[str, Any], name: str, kind: type[T], path: str = "") -> T:
    value = _optional(holder, name, kind, path)
    if value is None:
        raise InvalidRecord(path + name, "nothing", _KINDS[kind])
    return value


def _optional(holder: dict[str, Any], name: str, kind: type[T], path: str = "") -> T | None:
    if name not in holder:
        return None
    value = holder[name]
    if not isinstance(value, kind) or isinstance(value, bool) or (isinstance(value, int) and value < 0):
        raise InvalidRecord(path + name, shown(value), _KINDS[kind])
    return value


def refuse_other_documents(document: dict[str, Any]) -> None:
    """Raise InvalidRecord, by name, for what arrives on the same queues and topics and is no such record."""
    context = document.get("requestContext")
    retried = isinstance(context, dict) and context.get("condition") == "RetryAttemptsExhausted"
    sender = next((name for name in document if name.endswith("BatchInfo")), None)
    if sender or retried:
        of = _SENDERS.get(sender or "", "a stream")
        got = f"the failure record of an event source mapping of {of}"
        raise InvalidRecord(sender or "requestContext.condition", got, "the record of an asynchronous invocation")
    refuse_s3_notifications(document)
    if "requestContext" not in document and "version" not in document:
        got = f"an object with {shortened(', '.join(document)) or 'no member'}"
        raise InvalidRecord("", got, "an invocation record; a dead-letter queue holds bare events")


def refuse_s3_notifications(document: dict[Any, Any]) -> None:
    """Raise InvalidRecord for the news that S3 has an object, in which the record is."""
    records = document.get("Records")
    first = records[0] if isinstance(records, list) and records else document
    from_s3 = isinstance(first, dict) and first.get("eventSource") == "aws:s3"
    if from_s3 or document.get("Event") == "s3:TestEvent" or document.get("source") == "aws.s3":
        wanted = "the object's body: get the object and pass what is in it to InvocationRecord.from_json"
        raise InvalidRecord("", "an S3 event notification", wanted)


def from_value(document: object) -> str:
    """The text of a document given as a dict, its members in the order in which AWS writes them."""
    if not isinstance(document, dict):
        raise InvalidRecord("", shown(document), "an object")
    ordered = _in_order(document, _KNOWN)
    for name, known in (("requestContext", _REQUEST), ("responseContext", _RESPONSE)):
        if isinstance(ordered.get(name), dict):
            ordered[name] = _in_order(ordered[name], tuple(known))
    return _join({name: compact(value, shortened(name)) for name, value in ordered.items()})


def _in_order(members: dict[Any, Any], known: tuple[str, ...]) -> dict[str, Any]:
    for name in members:
        if not isinstance(name, str):
            raise InvalidRecord("", f"{shown(name)} as the name of a member", "a string")
    first = {name: members[name] for name in known if name in members}
    return first | {name: value for name, value in members.items() if name not in first}


def _join(members: dict[str, str]) -> str:
    return "{" + ",".join(f"{compact(name)}:{text}" for name, text in members.items()) + "}"


def write(fields: dict[str, Any], text: str | None) -> str:
    """The record's JSON: `text` as long as it says what the fields say, else anew with what they leave of it."""
    was = {} if text is None else dict(zip(FIELDS, read(text), strict=True))
    same = {name for name, value in fields.items() if name in was and _same(value, was[name])}
    if text is not None and len(same) == len(fields):
        return text
    members = {} if text is None else whole_object(text)
    said = {name: text[member.start : member.end] for name, member in members.items()} if text is not None else {}
    request = {name: fields[field] for name, field in _REQUEST.items()} | _unknown(members, "requestContext", _REQUEST)
    response = {name: fields[field] for name, field in _RESPONSE.items() if fields[field] is not None}
    response |= _unknown(members, "responseContext", _RESPONSE)
    written = {
        "version": compact(fields["version"], "version"),
        "timestamp": said["timestamp"] if "timestamp" in same else compact(write_time(fields["timestamp"])),
        "requestContext": compact(request, "requestContext"),
        "responseContext": compact(response, "responseContext"),
    }
    for name, field in _PAYLOADS.items():
        if fields[f"has_{field}"]:
            kept = field in same and name in said
            written[name] = said[name] if kept else compact(fields[field], name)
    if not response and said.get("responseContext") != "{}":
        del written["responseContext"]
    unknown = {name: part for name, part in said.items() if name not in _KNOWN}
    return _join({name: written[name] for name in _KNOWN if name in written} | unknown)


def payload_text(text: str, name: str) -> str | None:
    """The text of one member of the document, or None when absent."""
    member = whole_object(text).get(name)
    return None if member is None else text[member.start : member.end]


def _unknown(members: dict[str, Member], name: str, known: dict[str, str]) -> dict[str, Any]:
    value = members[name].value if name in members else {}
    return {inner: value[inner] for inner in value if inner not in known}


def _same(value: Any, was: Any) -> bool:
    # Not by ==, for which 1 is True and 1.0, and the order of members is nothing; marshal costs less than JSON does.
    if not isinstance(value, (dict, list, int, float)):
        return type(value) is type(was) and bool(value == was)
    try:
        return marshal.dumps(value, 2) == marshal.dumps(was, 2)
    except ValueError:
        return False  # something in it that JSON could not have put there
