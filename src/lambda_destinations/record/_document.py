"""Convert the JSON document of a record to the fields of the model, and back."""

from __future__ import annotations

import marshal

from .._words import shortened, shown
from ..errors import InvalidRecord
from ._json import Member as Found
from ._json import compact, object_at, refuse_depth, whole_object
from ._layout import read_layout
from ._members import CONTEXTS, MEMBERS, PRESENCE, TOP, Draft, checked, inside
from ._values import write_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PAYLOADS = tuple(zip((member for member in MEMBERS if member.kind is None), PRESENCE, strict=True))
_SENDERS = {
    "KinesisBatchInfo": "a Kinesis stream",
    "DDBStreamBatchInfo": "a DynamoDB stream",
    "KafkaBatchInfo": "Kafka",
}


def read(text: str) -> Draft:
    """Read the fields of a record; `text` is the whole document."""
    return read_layout(text) or read_members(text)


def read_members(text: str) -> Draft:
    """The same for any text: also one that is not written as AWS writes it, or that is not a record."""
    members = whole_object(text)
    document = {name: member.value for name, member in members.items()}
    if "requestPayload" not in document:
        refuse_other_documents(document)
    for name in CONTEXTS:
        if isinstance(document.get(name), dict):
            object_at(text, members[name].start, name)  # the dict no longer knows of a member named twice
    refuse_depth(text, document)
    holders = {"": document}
    for name in CONTEXTS:
        needed = any(member.required for member in inside(name))
        holders[name] = checked(document, name, dict, name, required=needed) or {}
    draft = Draft()
    for member in MEMBERS:
        setattr(draft, member.field, member.read(holders[member.holder]))
    for member, presence in _PAYLOADS:
        setattr(draft, presence, member.name in document)
    return draft


def refuse_other_documents(document: dict[str, Any]) -> None:
    """Raise InvalidRecord for other documents that arrive on the same queues and topics; the error names the kind."""
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
    """Raise InvalidRecord for an S3 event notification: the record is in the object, not in the notification."""
    records = document.get("Records")
    first = records[0] if isinstance(records, list) and records else document
    from_s3 = isinstance(first, dict) and first.get("eventSource") == "aws:s3"
    if from_s3 or document.get("Event") == "s3:TestEvent" or document.get("source") == "aws.s3":
        wanted = "the object's body: get the object and pass what is in it to InvocationRecord.from_json"
        raise InvalidRecord("", "an S3 event notification", wanted)


def from_value(document: object) -> str:
    """The JSON text of a document that is given as a dict, with its members in AWS's order."""
    if not isinstance(document, dict):
        raise InvalidRecord("", shown(document), "an object")
    ordered = _in_order(document, TOP)
    for name in CONTEXTS:
        if isinstance(ordered.get(name), dict):
            ordered[name] = _in_order(ordered[name], tuple(member.name for member in inside(name)))
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
    """The record's JSON: `text` if the fields still match it, else new text with the unchanged parts of `text`."""
    was = None if text is None else read(text)
    same = {name for name, value in fields.items() if was is not None and _same(value, getattr(was, name))}
    if text is not None and len(same) == len(fields):
        return text
    members = {} if text is None else whole_object(text)
    said = {name: text[member.start : member.end] for name, member in members.items()} if text is not None else {}
    contexts = {name: _context(name, fields, members) for name in CONTEXTS}
    written = {
        "version": compact(fields["version"], "version"),
        "timestamp": said["timestamp"] if "timestamp" in same else compact(write_time(fields["timestamp"])),
        **{name: compact(context, name) for name, context in contexts.items()},
    }
    for payload, presence in _PAYLOADS:
        if fields[presence]:
            kept = payload.field in same and payload.name in said
            written[payload.name] = said[payload.name] if kept else compact(fields[payload.field], payload.name)
    if not contexts["responseContext"] and said.get("responseContext") != "{}":
        del written["responseContext"]
    unknown = {name: part for name, part in said.items() if name not in TOP}
    return _join({name: written[name] for name in TOP if name in written} | unknown)


def _context(name: str, fields: dict[str, Any], members: dict[str, Found]) -> dict[str, Any]:
    known = inside(name)
    said = members[name].value if name in members else {}
    context = {each.name: fields[each.field] for each in known if each.required or fields[each.field] is not None}
    return context | {inner: said[inner] for inner in said if inner not in {each.name for each in known}}


def payload_text(text: str, name: str) -> str | None:
    """The text of one member of the document, or None if it is absent."""
    member = whole_object(text).get(name)
    return None if member is None else text[member.start : member.end]


def _same(value: Any, was: Any) -> bool:
    # Not ==: there 1 equals True and 1.0, and the order of members does not count. marshal is faster than JSON.
    if not isinstance(value, (dict, list, int, float)):
        return type(value) is type(was) and bool(value == was)
    try:
        return marshal.dumps(value, 2) == marshal.dumps(was, 2)
    except ValueError:
        return False  # it contains a value that JSON cannot have
