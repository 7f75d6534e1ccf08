"""The same redrive as a Lambda function: for an SQS event source mapping, and for S3 Batch Operations.

Environment: `REDRIVE_LEDGER` is `s3://bucket/prefix/`, where the counts are kept (without it none are);
`REDRIVE_MAX` how often an event is redriven; `REDRIVE_QUARANTINE` the URL of the queue for what failed too often.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import unquote_plus

from ._clients import Clients
from ._item import Item, Read, read_item
from ._ledger import PREFIX, BucketLedger, Ledger, NoLedger
from ._select import payload_of
from ._send import Sender, target_of

_ATTEMPTS = 4  # in one invocation; SQS and S3 Batch Operations come again


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  (Lambda's signature)
    """Redrive the records of an SQS event or of an S3 Batch Operations task.

    What was not sent is answered as a failure of its own: SQS shows the message again, S3 reports the object.
    """
    core = _Core()
    if "tasks" in event:
        return _batch(core, event)
    failed = []
    for message in event["Records"]:
        item = Item(message["messageId"], None, {"Body": message["body"], "MessageAttributes": _plain(message)})
        if core.redrive(item, read_item(item)) is not None:
            failed.append({"itemIdentifier": item.id})
    return {"batchItemFailures": failed}


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = message.get("messageAttributes") or {}
    return attributes


def _batch(core: _Core, event: dict[str, Any]) -> dict[str, Any]:
    results = []
    for task in event["tasks"]:
        bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":::")[2]
        code, text = core.redrive_object(bucket, unquote_plus(task["s3Key"]))
        results.append({"taskId": task["taskId"], "resultCode": code, "resultString": text})
    return {
        "invocationSchemaVersion": event["invocationSchemaVersion"],
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": event["invocationId"],
        "results": results,
    }


class _Core:
    def __init__(self) -> None:
        self._clients = Clients()
        self._sender = Sender(self._clients, attempts=_ATTEMPTS)
        self._most = int(os.environ.get("REDRIVE_MAX", "3"))
        self._quarantine = os.environ.get("REDRIVE_QUARANTINE")
        self._ledger: Ledger = NoLedger()
        place = os.environ.get("REDRIVE_LEDGER", "")
        if place:
            bucket, _, prefix = place.removeprefix("s3://").partition("/")
            self._ledger = BucketLedger(self._clients.get("s3"), bucket, prefix or PREFIX)

    def redrive(self, item: Item, read: Read) -> str | None:  # noqa: PLR0911  (a reason each)
        """Send one event and print a line; the reason where it was not sent."""
        record = read.record
        if record is None:
            return self._line("not a record", id=item.id, reason=read.reason)
        if record.succeeded:
            return self._line("left", id=item.id, request_id=record.request_id, reason="it succeeded")
        payload, reason = payload_of(record, None)
        if payload is None:
            return self._line("not a record", id=item.id, request_id=record.request_id, reason=reason)
        redriven, target = self._ledger.count(record.request_id), target_of(record)
        if redriven >= self._most:
            reason = f"redriven {redriven} times already"
            if self._quarantine is None:
                return self._line("left", id=item.id, request_id=record.request_id, reason=reason)
            self._clients.get("sqs").send_message(QueueUrl=self._quarantine, MessageBody=record.to_json())
            self._line("quarantined", id=item.id, request_id=record.request_id, reason=reason)
            return None
        answer = self._sender.send(target, payload)
        if answer.request_id is None:
            return self._line("left", id=item.id, request_id=record.request_id, reason=answer.reason or "")
        self._ledger.note(answer.request_id, redriven + 1)
        self._ledger.flush()
        members = {"request_id": record.request_id, "new_request_id": answer.request_id, "bytes": len(payload)}
        self._line("sent", reason="", id=item.id, function=target.name, qualifier=target.qualifier, **members)
        return None

    def redrive_object(self, bucket: str, key: str) -> tuple[str, str]:
        """Send the event in an object and delete the object; S3's result code and a text."""
        from botocore.exceptions import ClientError

        s3 = self._clients.get("s3")
        if key.startswith(PREFIX):
            return "Succeeded", "a count of ours, left"
        if not isinstance(self._ledger, BucketLedger):
            self._ledger = BucketLedger(s3, bucket)
        try:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
            return "Succeeded", "the object is gone"
        item = Item(key, None, body)
        reason = self.redrive(item, read_item(item))
        if reason is not None:
            return "PermanentFailure", reason[:1024]
        s3.delete_object(Bucket=bucket, Key=key)
        return "Succeeded", "sent"

    def _line(self, event: str, *, reason: str, **members: Any) -> str:
        print(json.dumps({"event": event, "reason": reason, **members}))
        return reason
