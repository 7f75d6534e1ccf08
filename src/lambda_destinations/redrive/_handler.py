"""The same redrive as a Lambda function: for an SQS event source mapping, and for S3 Batch Operations.

Environment: `REDRIVE_LEDGER` is `s3://bucket/prefix/`, where the counts are kept (without it none are, but for a bucket
its own); `REDRIVE_MAX` is how often an event is redriven; `REDRIVE_QUARANTINE` is the URL of the queue for what failed
too often.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from .._service import REDRIVE_COUNTS
from ._clients import Clients, is_no_object
from ._decide import Decision, Rules, What, decide
from ._item import Item
from ._ledger import BucketLedger, Ledger, NoLedger
from ._queues import Quarantine
from ._select import Selection
from ._send import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

_ATTEMPTS = 4  # in one invocation; SQS and S3 Batch Operations come again
_LEAST = 5000  # milliseconds of the function's time for one more event
_LONGEST_RESULT = 1024  # characters of a text for S3 Batch Operations


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Redrive the records of an SQS event or of an S3 Batch Operations task.

    What was not sent is answered as a failure of its own: SQS shows the message again, S3 reports the object.

    :raises ValueError: for any other event
    """
    core = _Core(context)
    if "tasks" in event:
        return _tasks(core, event)
    messages = event.get("Records")
    if not isinstance(messages, list) or not all("body" in message for message in messages):
        raise ValueError("wanted an event of SQS or a task of S3 Batch Operations; see lambda_destinations.redrive")
    failed = []
    for message in messages:
        # What boto3 receives has the same members under other names.
        given = {"Body": message["body"], "MessageAttributes": message.get("messageAttributes") or {}}
        if core.redrive(Item(message["messageId"], None, given)).reason is not None:
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def _tasks(core: _Core, event: dict[str, Any]) -> dict[str, Any]:
    results = []
    for task in event["tasks"]:
        bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":::")[2]
        code, text = core.redrive_object(bucket, unquote_plus(task["s3Key"]))
        results.append({"taskId": task["taskId"], "resultCode": code, "resultString": text[:_LONGEST_RESULT]})
    return {
        "invocationSchemaVersion": event["invocationSchemaVersion"],
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": event["invocationId"],
        "results": results,
    }


@cache
def _clients(endpoint_url: str | None) -> Clients:
    """The clients of all invocations of an execution environment; to make them takes longer than to send an event."""
    return Clients(endpoint_url=endpoint_url)


class Outcome(NamedTuple):
    """The reason why nothing was done, and whether another attempt may help; or what was done."""

    reason: str | None
    done: str = ""
    again: bool = False


class _Core:
    def __init__(self, context: Any) -> None:
        self._left: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
        self._clients = _clients(os.environ.get("AWS_ENDPOINT_URL"))
        self._sender = Sender(self._clients, attempts=_ATTEMPTS)
        self._rules = Rules(Selection(), int(os.environ.get("REDRIVE_MAX", "3")))
        url = os.environ.get("REDRIVE_QUARANTINE")
        self._quarantine = Quarantine(self._clients.get("sqs"), url) if url else None
        self._ledger: Ledger = NoLedger()
        place = os.environ.get("REDRIVE_LEDGER", "")
        if place:
            bucket, _, prefix = place.removeprefix("s3://").partition("/")
            self._ledger = BucketLedger(self._clients.get("s3"), bucket, prefix or REDRIVE_COUNTS)

    def redrive(self, item: Item) -> Outcome:
        """Send one event, or put its record into the quarantine, and print a line."""
        from botocore.exceptions import BotoCoreError, ClientError

        if self._left is not None and self._left() < _LEAST:
            return Outcome(_line("left", item, reason="the function's time is up"), again=True)
        try:
            return self._redrive(item)
        except (BotoCoreError, ClientError) as error:  # the others of the batch are not sent again for it
            return Outcome(_line("left", item, reason=str(error)), again=True)

    def _redrive(self, item: Item) -> Outcome:
        decision = decide(item, self._rules, self._ledger)
        record, target = decision.record, decision.target
        if record is None or decision.what is What.NOT_A_RECORD:
            return Outcome(_line("not a record", item, decision))
        if decision.what is What.WORN_OUT and self._quarantine is not None:
            self._quarantine.put(record)
            _line("quarantined", item, decision)
            return Outcome(None, "quarantined")
        if decision.what is not What.SEND or target is None:
            return Outcome(_line("left", item, decision, reason=decision.reason or "it succeeded"))
        self._ledger.open()
        answer = self._sender.send(target, decision.payload)
        members = decision.sent_as(answer.status)
        if answer.request_id is None:
            return Outcome(_line("left", item, decision, reason=answer.reason, **members), again=answer.again)
        try:
            self._ledger.note(answer.request_id, decision.redriven + 1)
            self._ledger.flush()
        except Exception as error:  # noqa: BLE001  (it was sent: if it came again, it would be sent again)
            members["count"] = f"not kept: {error}"
        _line("sent", item, decision, new_request_id=answer.request_id, **members)
        return Outcome(None, "sent")

    def redrive_object(self, bucket: str, key: str) -> tuple[str, str]:
        """Send the event in an object and delete the object; S3's result code and a text."""
        from botocore.exceptions import BotoCoreError, ClientError

        s3 = self._clients.get("s3")
        if key.startswith(REDRIVE_COUNTS):
            return "Succeeded", "a count of redrives, left"
        if not isinstance(self._ledger, BucketLedger):
            self._ledger = BucketLedger(s3, bucket)
        try:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            if is_no_object(error):
                return "Succeeded", "the object is gone"
            return "TemporaryFailure", str(error)
        outcome = self.redrive(Item(key, None, body))
        if outcome.reason is not None:
            return "TemporaryFailure" if outcome.again else "PermanentFailure", outcome.reason
        try:
            s3.delete_object(Bucket=bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            return "PermanentFailure", f"{outcome.done}, and not deleted: {error}"
        return "Succeeded", outcome.done


def _line(event: str, item: Item, decision: Decision | None = None, **members: Any) -> str:
    """Print a line for CloudWatch Logs, and return the reason in it."""
    if decision is not None and decision.record is not None:
        members = {"request_id": decision.record.request_id, **members}
    reason = str(members.pop("reason", decision.reason if decision is not None else ""))
    print(json.dumps({"event": event, "id": item.id, **members} | ({"reason": reason} if reason else {})))
    return reason
