"""Read the records from what SQS, SNS, EventBridge, S3 and Lambda deliver."""

from __future__ import annotations

from dataclasses import dataclass

from .._words import shown
from ..errors import InvalidRecord
from ._document import refuse_s3_notifications
from ._json import text_of, whole_object
from ._record import InvocationRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_RESULT = "Lambda Function Invocation Result - "
_CARRIERS = {"body": "messageAttributes", "Body": "MessageAttributes", "Message": "MessageAttributes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message of an event: the record in it, or the error that says why there is no record.

    :param message_id: the id that the outermost service gave the message; for SQS, `batchItemFailures` asks for it
    """

    record: InvocationRecord | None = None
    error: InvalidRecord | None = None
    message_id: str | None = None


def records_in(event: object) -> list[InvocationRecord]:
    """All the records in an event. `iter_records` lists the kinds of events.

    If one message has no record, no record is returned: with SQS the whole batch then comes again. `iter_records`
    gives the good messages of such a batch and the bad ones.

    :raises InvalidRecord: when a message has no record
    """
    arrivals = list(iter_records(event))
    errors = [arrival.error for arrival in arrivals if arrival.error is not None]
    if errors and len(arrivals) > 1:
        more = f"{len(errors)} of {len(arrivals)} messages hold no record, iter_records gives the others"
        raise InvalidRecord(errors[0].path, errors[0].got, f"{errors[0].wanted} ({more})")
    if errors:
        raise errors[0]
    return [arrival.record for arrival in arrivals if arrival.record is not None]


def iter_records(event: object) -> Iterator[Arrival]:
    """Give a record or an error for each message of an event; this raises nothing.

    The event is a record itself, an EventBridge event, an SNS or SQS event, the response of boto3's `receive_message`,
    a list of messages (EventBridge Pipes), or the text of a message or an S3 object. A message in SQS may have come
    through SNS or EventBridge, and a message in SNS through EventBridge.
    """
    for path, message in _messages(event):
        try:
            arrival = _arrival(path, message)
        except RecursionError:  # caught here: deeper down there is no stack left to handle it
            error = InvalidRecord(path, "too little stack to read the message", "a call that is nested less deeply")
            arrival = Arrival(error=error, message_id=_message_id(message))
        yield arrival


def _arrival(path: str, message: object) -> Arrival:
    try:
        return Arrival(record=_open(message), message_id=_message_id(message))
    except InvalidRecord as error:
        return Arrival(error=error.under(path), message_id=_message_id(message))


def _messages(event: object) -> Iterator[tuple[str, object]]:
    if isinstance(event, list):
        name, messages = "", event
    elif isinstance(event, dict) and isinstance(event.get("Records"), list):
        name, messages = "Records", event["Records"]
    elif isinstance(event, dict) and isinstance(event.get("Messages"), list):
        name, messages = "Messages", event["Messages"]
    elif isinstance(event, dict) and event.keys() == {"ResponseMetadata"}:
        return  # receive_message found nothing
    else:
        yield "", event
        return
    for index, message in enumerate(messages):
        yield f"{name}[{index}]", message


def _message_id(message: object) -> str | None:
    if not isinstance(message, dict):
        return None
    inner = message.get("Sns")
    ids = (message.get("messageId"), message.get("MessageId"), message.get("id"))
    found = next((value for value in ids if isinstance(value, str)), None)
    return _message_id(inner) if found is None and isinstance(inner, dict) else found


def _open(message: object) -> InvocationRecord:
    if isinstance(message, (str, bytes, bytearray)):
        return _open_text(message)
    if not isinstance(message, dict):
        raise InvalidRecord("", shown(message), "an event or a message, as a dict or as its JSON")
    if "requestContext" in message:
        return InvocationRecord.from_dict(message)
    source = message.get("eventSource", message.get("EventSource"))
    if source not in (None, "aws:sqs", "aws:sns", "aws:s3"):
        raise InvalidRecord("eventSource", shown(source), "'aws:sqs' or 'aws:sns'")
    notification = message.get("Sns")
    if isinstance(notification, dict):
        return _under("Sns", _open_carrier, notification)
    return _open_carrier(message)


def _open_carrier(message: dict[Any, Any]) -> InvocationRecord:
    for name, attributes in _CARRIERS.items():
        if name in message:
            _refuse_dead_letters(attributes, message.get(attributes))
            return _under(name, _open_text, message[name])
    if "detail-type" in message:
        _refuse_other_events(message)
        return _under("detail", InvocationRecord.from_dict, message.get("detail"))
    return InvocationRecord.from_dict(message)


def _open_text(document: Any) -> InvocationRecord:
    text = text_of(document)
    try:
        return InvocationRecord.from_json(text)
    except InvalidRecord:
        members = whole_object(text)
        message = {name: member.value for name, member in members.items()}
        if "detail-type" in message and "detail" in message:
            _refuse_other_events(message)
            detail = text[members["detail"].start : members["detail"].end]  # its text, as EventBridge wrote it
            return _under("detail", InvocationRecord.from_json, detail)
        if message.get("Type") == "Notification":
            return _open_carrier(message)
        raise


def _under(path: str, read: Callable[[Any], InvocationRecord], document: Any) -> InvocationRecord:
    try:
        return read(document)
    except InvalidRecord as error:
        raise error.under(path) from None


def _refuse_dead_letters(path: str, attributes: object) -> None:
    # AWS, "Adding a dead-letter queue": Lambda puts the failure into these attributes and the bare event into the body.
    if isinstance(attributes, dict) and "RequestID" in attributes and "ErrorCode" in attributes:
        raise InvalidRecord(path, "a dead-letter message, whose body is a bare event", "an invocation record")


def _refuse_other_events(event: dict[Any, Any]) -> None:
    kind, source = event["detail-type"], event.get("source")
    refuse_s3_notifications(event)
    if source != "lambda" or not isinstance(kind, str) or not kind.startswith(_RESULT):
        raise InvalidRecord("detail-type", f"{shown(kind)} from {shown(source)}", f"'{_RESULT}...' from 'lambda'")
