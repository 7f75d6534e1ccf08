"""The counts of redrives of a queue: messages in a queue of their own, `QUEUE-redrives`.

One message has the counts of up to 50 events. A run reads all of them once, when it starts. In the failures' own queue
they would set off its alarms and reach its consumers. They stay for 14 days, the longest that SQS keeps a message. So a
record has lost its count only in the last hours of its own 14 days, if it came hours after its redrive.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from ..errors import InvalidSource
from ._queues import change_visibility, is_missing, short, tens

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAYS_14 = 14 * 24 * 3600  # seconds
_HOLD, _PATIENCE = 20, 30  # seconds that a reader holds the messages, and that another waits for them
_STALE = 20  # receives that find only what was read already, for which a fifth of what was read is added
_NEW_QUEUE = 5  # attempts, a second apart: SQS, CreateQueue: a new queue can be used after a second at least


class QueueLedger:
    """Messages of many counts in a queue of their own, read once when a run starts."""

    def __init__(self, sqs: Any, name: str, stop: threading.Event) -> None:
        from botocore.exceptions import ClientError

        self._sqs, self._name, self._url = sqs, name, ""
        self.notes: list[str] = []
        self._counts: dict[bytes, int] = {}
        self._noted: dict[str, int] = {}
        self._lock = threading.Lock()
        self._unread, self._opened = "", False
        try:
            self._url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except ClientError as error:
            if not is_missing(error):
                raise InvalidSource(self._refused("read", error)) from None
        if self._url:
            self._read(stop)

    def _read(self, stop: threading.Event) -> None:
        handles: dict[str, str] = {}
        empty = stale = strange = 0
        began = time.monotonic()
        while empty < 2 and stale < _STALE + len(handles) // 5 and not stop.is_set():
            hold = int(_HOLD + time.monotonic() - began)  # what is read comes back after that, and is not new then
            messages = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=min(empty, 1), VisibilityTimeout=hold
            ).get("Messages", [])
            fresh = [message for message in messages if message["MessageId"] not in handles]
            handles |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            strange += sum(not self._take(message["Body"]) for message in fresh)
            empty = 0 if messages else empty + 1
            stale = stale + 1 if messages and not fresh else 0
            if empty == 2 and self._others_hold(len(handles)) and time.monotonic() < began + _PATIENCE:
                empty = 1
        others = self._others_hold(len(handles))
        for chunk in tens(handles.values()):
            change_visibility(self._sqs, self._url, chunk, 0)
        if strange:
            self.notes.append(f"{strange} messages of {self._name} hold no counts of redrives; they are left")
        if others:
            self._unread = f"another run reads {self._name}, where the counts of redrives are; try again in a minute"
            self.notes.append(self._unread)

    def _others_hold(self, ours: int) -> bool:
        """Whether another run reads the counts at this moment, so that some cannot be seen yet."""
        name = "ApproximateNumberOfMessagesNotVisible"
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])["Attributes"]
        return int(attributes.get(name, 0)) > ours

    def _take(self, body: str) -> bool:
        try:
            redrives = json.loads(body)["redrives"].items()
            counts = [(short(request_id), int(count)) for request_id, count in redrives]
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        for key, count in counts:
            self._counts[key] = max(count, self._counts.get(key, 0))
        return True

    def count(self, request_id: str) -> int:
        """Look it up in memory."""
        with self._lock:
            return self._counts.get(short(request_id), 0)

    def open(self) -> None:
        """Create the queue unless it is there, and send a message without counts: the first counts must not fail.

        :raises InvalidSource: if that is not allowed, or if the counts could not all be read
        """
        from botocore.exceptions import ClientError

        with self._lock:
            if self._opened:
                return
            if self._unread:
                raise InvalidSource(self._unread)
            attributes = {"MessageRetentionPeriod": str(_DAYS_14)}
            try:
                if not self._url:
                    self._url = self._sqs.create_queue(QueueName=self._name, Attributes=attributes)["QueueUrl"]
                self._send({})
            except ClientError as error:
                raise InvalidSource(self._refused("write to", error)) from None
            self._opened = True

    def _send(self, counts: dict[str, int]) -> None:
        from botocore.exceptions import ClientError

        body = json.dumps({"lambda-destinations": "redrives", "time": int(time.time()), "redrives": counts})
        for attempt in range(_NEW_QUEUE):
            try:
                self._sqs.send_message(QueueUrl=self._url, MessageBody=body)
            except ClientError as error:
                if not is_missing(error) or attempt == _NEW_QUEUE - 1:
                    raise
                time.sleep(1)
            else:
                return

    def note(self, request_id: str, count: int) -> None:
        """Keep it for the next message."""
        with self._lock:
            self._merge([(request_id, count)])
            self._counts[short(request_id)] = self._noted[request_id]

    def flush(self) -> None:
        """Send one message with what was noted."""
        with self._lock:
            noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            self._send(noted)
        except BaseException:
            with self._lock:
                self._merge(noted.items())
            raise

    def _merge(self, counts: Iterable[tuple[str, int]]) -> None:
        for request_id, count in counts:
            self._noted[request_id] = max(count, self._noted.get(request_id, 0))

    def _refused(self, what: str, error: Exception) -> str:
        return (
            f"cannot {what} the queue {self._name}, where the counts of redrives are kept: {error}; allow "
            "sqs:CreateQueue, GetQueueUrl, GetQueueAttributes, SendMessage, ReceiveMessage and ChangeMessageVisibility"
        )
