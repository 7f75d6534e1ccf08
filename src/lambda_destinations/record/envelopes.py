"""Make the events in which SQS, SNS, EventBridge, S3 and Lambda deliver records, and read records from them.

`records_in` reads what each function here makes. The functions are for tests: they make up ids and times that are not
given, and the signatures are not real. A message carries a record, or what another function here made:
`sqs_event(sns_notification(record))` is SNS through SQS, `sns_event(event_bridge_event(record))` is EventBridge
through SNS.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from hashlib import md5
from typing import Any, NamedTuple
from uuid import uuid4

from ._arrivals import Arrival, iter_records, records_in
from ._json import compact
from ._record import InvocationRecord
from ._values import write_time

__all__ = [
    "Arrival",
    "S3Object",
    "event_bridge_event",
    "iter_records",
    "lambda_event",
    "records_in",
    "s3_object",
    "sns_event",
    "sns_notification",
    "sqs_event",
]

Carried = InvocationRecord | Mapping[str, Any]


def lambda_event(record: InvocationRecord) -> dict[str, Any]:
    """The event that a function gets as a destination: the record itself."""
    return record.to_dict()


def sqs_event(
    *bodies: Carried,
    message_ids: Sequence[str] | None = None,
    queue_arn: str = "arn:aws:sqs:us-east-1:111122223333:results",
    time: datetime | None = None,
) -> dict[str, Any]:
    """The event that a function gets from a queue (AWS, "Using Lambda with Amazon SQS"), with a message for each body.

    :param message_ids: one for each body
    :param queue_arn: the ARN of the queue
    :param time: when the messages were sent; by default now
    :raises InvalidRecord: for a body that JSON cannot represent
    """
    ids = message_ids or [_new_id() for _ in bodies]
    return {"Records": [_sqs_message(body, id_, queue_arn, time) for body, id_ in zip(bodies, ids, strict=True)]}


def _sqs_message(body: Carried, message_id: str, queue_arn: str, time: datetime | None) -> dict[str, Any]:
    text = _text(body)
    sent = str(round(_moment(time).timestamp() * 1000))
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt-of-{message_id}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent,
            "SenderId": "AROAEXAMPLE:lambda",
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {},
        "md5OfBody": md5(text.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def sns_notification(
    message: Carried,
    *,
    message_id: str | None = None,
    topic_arn: str = "arn:aws:sns:us-east-1:111122223333:results",
    time: datetime | None = None,
) -> dict[str, Any]:
    """The message that SNS sends to a queue without raw message delivery (AWS, "Amazon SNS message formats").

    :param time: when it was published; by default now
    :raises InvalidRecord: for a message that JSON cannot represent
    """
    return {
        "Type": "Notification",
        "MessageId": message_id or _new_id(),
        "TopicArn": topic_arn,
        "Message": _text(message),
        "Timestamp": write_time(_moment(time)),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.example.com/certificate.pem",
        "UnsubscribeURL": "https://sns.example.com/unsubscribe",
    }


def sns_event(
    message: Carried,
    *,
    message_id: str | None = None,
    topic_arn: str = "arn:aws:sns:us-east-1:111122223333:results",
    time: datetime | None = None,
) -> dict[str, Any]:
    """The event that a function gets from a topic (AWS, "Invoking Lambda functions with Amazon SNS").

    :param time: when the message was published; by default now
    :raises InvalidRecord: for a message that JSON cannot represent
    """
    sns = sns_notification(message, message_id=message_id, topic_arn=topic_arn, time=time)
    sns |= {"SigningCertUrl": sns.pop("SigningCertURL"), "UnsubscribeUrl": sns.pop("UnsubscribeURL")}
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{topic_arn}:{_new_id()}",
        "Sns": {**sns, "Subject": None, "MessageAttributes": {}},
    }
    return {"Records": [record]}


def event_bridge_event(
    record: InvocationRecord,
    *,
    event_id: str | None = None,
    bus_arn: str | None = None,
    time: datetime | None = None,
) -> dict[str, Any]:
    """The event that Lambda puts on the bus, which is also the event that a rule sends to its target.

    :param bus_arn: the ARN of the bus; by default the default event bus of the function's account and region
    :param time: when the event was sent; by default now
    """
    bus = bus_arn or f"arn:{record.partition}:events:{record.region}:{record.account}:event-bus/default"
    return {
        "version": "0",
        "id": event_id or _new_id(),
        "detail-type": f"Lambda Function Invocation Result - {'Success' if record.succeeded else 'Failure'}",
        "source": "lambda",
        "account": record.account,
        "time": _moment(time).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": record.region,
        "resources": [bus, f"{_unqualified(record)}:{record.qualifier}"],
        "detail": record.to_dict(),
    }


class S3Object(NamedTuple):
    """An object that Lambda puts into a bucket."""

    key: str
    body: bytes


def s3_object(record: InvocationRecord, *, object_id: str | None = None) -> S3Object:
    """The object of an on-failure destination in S3; `InvocationRecord.from_json` reads its body."""
    day, second = record.timestamp.strftime("%Y/%m/%d"), record.timestamp.strftime("%Y-%m-%dT%H.%M.%S")
    key = f"aws/lambda/async/{record.function_name}/{day}/{second}-{object_id or _new_id()}"
    return S3Object(key, record.to_json().encode())


def _text(carried: Carried) -> str:
    return carried.to_json() if isinstance(carried, InvocationRecord) else compact(carried)


def _unqualified(record: InvocationRecord) -> str:
    return f"arn:{record.partition}:lambda:{record.region}:{record.account}:function:{record.function_name}"


def _new_id() -> str:
    return str(uuid4())


def _moment(time: datetime | None) -> datetime:
    return (time or datetime.now(timezone.utc)).astimezone(timezone.utc)
