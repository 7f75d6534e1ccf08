"""How often each event was redriven, over runs and machines, without a database.

Lambda answers an asynchronous call with the request id that the event keeps: the record of its next failure carries it.
So the count is kept under the *new* request id, before the old record is deleted. For a bucket it is an object of a few
bytes below `lambda-destinations/redrives/` in the same bucket, one put for each send. For a queue it is a line in a
message of a queue of its own, `QUEUE-redrives`, one for up to 50 sends: in the failures' own queue it would ring
their alarms and meet their consumers. It lives for 14 days, the longest that SQS keeps anything, as a record does.

A process killed between the answer and the entry leaves the count one too low for those events, never too high, and the
events themselves are safe, since their records are not deleted yet.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from ._clients import Clients

PREFIX = "lambda-destinations/redrives/"
_DAYS_14 = 14 * 24 * 3600  # seconds


class Ledger(Protocol):
    """Counts by request id."""

    def count(self, request_id: str) -> int:
        """How often the event with this request id has been redriven."""
        ...

    def note(self, request_id: str, count: int) -> None:
        """Keep a count under a new request id; kept for good when `flush` returns."""

    def flush(self) -> None:
        """Write what was noted."""


class NoLedger:
    """No counts."""

    def count(self, request_id: str) -> int:  # noqa: ARG002
        """Never redriven, as far as is known."""
        return 0

    def note(self, request_id: str, count: int) -> None:
        """Forget it."""

    def flush(self) -> None:
        """Nothing to write."""


class BucketLedger:
    """One object for each event, by its request id, so that a handler can look up one without reading all."""

    def __init__(self, s3: Any, bucket: str, prefix: str = PREFIX) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, prefix

    def count(self, request_id: str) -> int:
        """Read the object; no object is no redrive."""
        from botocore.exceptions import ClientError

        try:
            return int(self._s3.get_object(Bucket=self._bucket, Key=self._prefix + request_id)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return 0
            raise

    def note(self, request_id: str, count: int) -> None:
        """Put the object at once."""
        self._s3.put_object(Bucket=self._bucket, Key=self._prefix + request_id, Body=str(count).encode())

    def flush(self) -> None:
        """Nothing is left to write."""


class QueueLedger:
    """Messages of many counts in a queue of their own, read once when a run starts."""

    def __init__(self, clients: Clients, name: str) -> None:
        from botocore.exceptions import ClientError

        self._sqs, self._name, self._url = clients.get("sqs"), name, ""
        self._counts: dict[bytes | str, int] = {}
        self._noted: dict[str, int] = {}
        self._lock = threading.Lock()
        with contextlib.suppress(ClientError):  # none there yet: the first send makes it
            self._url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        if self._url:
            self._read()

    def _read(self) -> None:
        empty, handles = 0, []
        while empty < 2:
            wait = 1 if empty else 0
            messages = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=wait, VisibilityTimeout=20
            ).get("Messages", [])
            empty = 0 if messages else empty + 1
            for message in messages:
                handles.append(message["ReceiptHandle"])
                for request_id, count in json.loads(message["Body"])["redrives"].items():
                    key = _key(request_id)
                    self._counts[key] = max(count, self._counts.get(key, 0))
        for handle in handles:
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0)

    def count(self, request_id: str) -> int:
        """Look it up in memory."""
        with self._lock:
            return self._counts.get(_key(request_id), 0)

    def note(self, request_id: str, count: int) -> None:
        """Keep it for the next message."""
        with self._lock:
            self._noted[request_id] = max(count, self._noted.get(request_id, 0))
            self._counts[_key(request_id)] = self._noted[request_id]

    def flush(self) -> None:
        """Send one message with what was noted."""
        with self._lock:
            noted, self._noted = self._noted, {}
        if not noted:
            return
        if not self._url:
            attributes = {"MessageRetentionPeriod": str(_DAYS_14)}
            self._url = self._sqs.create_queue(QueueName=self._name, Attributes=attributes)["QueueUrl"]
        body = json.dumps({"lambda-destinations": "redrives", "time": int(time.time()), "redrives": noted})
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body)


def _key(request_id: str) -> bytes | str:
    try:
        return UUID(request_id).bytes if len(request_id) == 36 else request_id
    except ValueError:
        return request_id
