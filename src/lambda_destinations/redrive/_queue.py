"""An SQS queue as the source.

A queue gives no snapshot, so the scan makes its own: it takes what was sent before it began, by the queue's clock, each
message once, by its id. What is not worked on stays invisible until the scan ends (given back at once, the queue would
hand out the same messages for ever), and is then made visible at once. What is worked on is renewed. After a kill both
come back by themselves: the one after `visibility` seconds, the other after that or, in a scan that took longer, after
as long as the scan had taken.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from ..errors import InvalidSource
from ._item import Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._clients import Clients

VISIBILITY = 60  # seconds
_LONGEST_HOLD = 3600  # seconds
_EMPTY = 2  # receives with long polling, which asks every server of the queue, that find nothing new: the end
_HELD_MOST = 100_000  # SQS allows 120,000 messages in flight
_FEW_RECEIVES = 3  # maxReceiveCount below which a look at a message may move it away


class QueueSource:
    """The messages of a queue, by its name or URL."""

    def __init__(self, clients: Clients, name_or_url: str, *, visibility: int = VISIBILITY) -> None:
        from botocore.exceptions import ClientError

        self.sqs, self._visibility = clients.get("sqs"), visibility
        try:
            self.url = (
                name_or_url
                if "://" in name_or_url
                else self.sqs.get_queue_url(QueueName=name_or_url.rsplit(":", 1)[-1])["QueueUrl"]
            )
            response = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        except ClientError as error:
            raise InvalidSource(f"cannot read the queue {name_or_url}: {error}; check its name and region") from None
        attributes = response["Attributes"]
        date = response["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        started = parsedate_to_datetime(date).timestamp() if date else time.time()
        self._until = started + 1  # the header has whole seconds
        self.arn, self.name = attributes["QueueArn"], attributes["QueueArn"].rsplit(":", 1)[-1]
        self.about = int(attributes.get("ApproximateNumberOfMessages", 0))
        self.notes = _receive_count(self.name, attributes)
        self._seen: set[bytes] = set()
        self._gone: set[bytes] = set()
        self._active: dict[str, str] = {}
        self._held, self._held_count = _file(), 0
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._began = time.monotonic()
        self.newer = 0
        threading.Thread(target=self._renew, daemon=True).start()

    def scan(self, stop: threading.Event) -> Iterator[list[Item]]:
        """Give each message of the snapshot once; ends when nothing new is found."""
        empty = stale = 0
        while not stop.is_set() and empty < _EMPTY and stale < 20 + len(self._seen) // 5:
            hold = int(max(self._visibility, min(time.monotonic() - self._began, _LONGEST_HOLD)))
            messages = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=hold,
                AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            fresh = [item for item in map(self._fresh, messages) if item is not None]
            empty = empty + 1 if not messages else 0
            stale = stale + 1 if messages and not fresh else 0
            yield fresh

    def _fresh(self, message: dict[str, Any]) -> Item | None:
        key, item = _key(message["MessageId"]), Item(message["MessageId"], message["ReceiptHandle"], message)
        with self._lock:
            again, gone = key in self._seen, key in self._gone
            self._seen.add(key)
            sent = float(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000
            if not again and sent < self._until:
                self._active[item.id] = item.handle
                return item
            if gone:  # it was deleted and came again, as a standard queue may do
                pass
            elif not again:
                self.newer += 1
        if gone:
            self.delete([item])
        else:
            self.skip(item)
        return None

    def take_all(self) -> None:
        """Have the scan take also what comes after it began."""
        self._until = float("inf")

    def load(self, item: Item) -> bool:
        """Whether the item is there: a message came whole."""
        return item.message is not None

    def skip(self, item: Item) -> None:
        """Leave a message, invisible until `close`."""
        with self._lock:
            self._active.pop(item.id, None)
            self._held.write(json.dumps([item.id, item.handle]) + "\n")
            self._held_count += 1
            full = self._held_count >= _HELD_MOST
        if full:
            self.release()

    def delete(self, items: list[Item]) -> int:
        """Delete messages and return how many are deleted."""
        deleted = 0
        for start in range(0, len(items), 10):
            entries = [{"Id": str(n), "ReceiptHandle": i.handle} for n, i in enumerate(items[start : start + 10])]
            for _ in range(3):
                response = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
                failed = {each["Id"] for each in response.get("Failed", [])}
                deleted += len(entries) - len(failed)
                entries = [entry for entry in entries if entry["Id"] in failed]
                if not entries:
                    break
        with self._lock:
            for item in items:
                self._active.pop(item.id, None)
                self._gone.add(_key(item.id))
        return deleted

    def release(self) -> None:
        """Make what was left visible at once."""
        with self._lock:
            held, self._held, self._held_count = self._held, _file(), 0
        held.seek(0)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda lines: self._change(map(json.loads, lines), 0), _tens(held)))
        held.close()

    def close(self) -> None:
        """Give back all that is still here."""
        self._ended.set()
        with self._lock:
            left = list(self._active.items())
        for id_, handle in left:
            self.skip(Item(id_, handle))
        self.release()
        self._held.close()

    def _renew(self) -> None:
        while not self._ended.wait(self._visibility / 3):
            with self._lock:
                active = list(self._active.items())
            for chunk in _tens(active):
                self._change(chunk, self._visibility)

    def _change(self, messages: Iterable[Any], seconds: int) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        entries = [
            {"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
            for n, (_, handle) in enumerate(messages)
        ]
        try:
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
        except (BotoCoreError, ClientError) as error:  # it comes back by itself, later
            self.notes.append(f"visibility was not changed: {error}")


def _tens(lines: Iterable[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == 10:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _file() -> IO[str]:
    return tempfile.TemporaryFile("w+")


def _key(message_id: str) -> bytes:
    try:
        return UUID(message_id).bytes  # a third of the memory of its text
    except ValueError:
        return message_id.encode()


def _receive_count(name: str, attributes: dict[str, str]) -> list[str]:
    if attributes.get("FifoQueue") == "true" or name.endswith(".fifo"):
        raise InvalidSource(f"{name} is FIFO, which no on-failure destination is; name the queue with the records")
    if not attributes.get("RedrivePolicy"):
        return []
    policy = json.loads(attributes["RedrivePolicy"])
    most, to = int(policy["maxReceiveCount"]), policy["deadLetterTargetArn"].rsplit(":", 1)[-1]
    if most < _FEW_RECEIVES:
        raise InvalidSource(
            f"{name} has a redrive policy: SQS moves what was received {most} times to {to}, and each look at a "
            "message counts; remove the policy while you redrive"
        )
    return [f"each look counts as a receive, and after {most} SQS moves a message from {name} to {to}"]
