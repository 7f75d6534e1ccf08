"""An SQS queue as the source.

A queue gives no snapshot, so the scan makes its own: it takes what was sent before it began, by the queue's clock, and
each message once, by its id. A message that is not worked on stays invisible until the scan ends, and is then made
visible at once. If it were given back earlier, the queue would hand out the same messages again and again. The
visibility of what is worked on is renewed. After a kill both come back by themselves: the one after `visibility`
seconds, the other after that or, in a scan that took longer, after as long as the scan had taken.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any

from ..errors import InvalidSource
from ._clients import snapshot_of
from ._item import Item
from ._queues import change_visibility, find_queue, short, tens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._clients import Clients

VISIBILITY = 60  # seconds
_LONGEST_HOLD = 3600  # seconds
_EMPTY = 2  # receives with long polling, which asks every server of the queue, that find nothing new: the end
_STALE = 20  # receives that find only what was seen already, for which a fifth of what was seen is added
_HELD_MOST = 110_000  # SQS allows 120,000 messages in flight
_FEW_RECEIVES = 3  # maxReceiveCount below which a look at a message may move it away
FEW_FOR_A_CANARY = 10  # the same for two passes, and for watching between them


class QueueSource:
    """The messages of a queue, by its name, ARN or URL."""

    def __init__(
        self,
        clients: Clients,
        text: str,
        *,
        visibility: int = VISIBILITY,
        as_of: float | None = None,
        few_receives: int = _FEW_RECEIVES,
    ) -> None:
        from botocore.exceptions import ClientError

        self.sqs, self.url = find_queue(clients, text)
        self._visibility = visibility
        try:
            response = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        except ClientError as error:
            raise InvalidSource(f"cannot read the queue {text}: {error}; check its name and region") from None
        attributes = response["Attributes"]
        self.as_of = as_of or snapshot_of(response)
        self.arn, self.name = attributes["QueueArn"], attributes["QueueArn"].rsplit(":", 1)[-1]
        self.about = int(attributes.get("ApproximateNumberOfMessages", 0))
        self.notes = _notes(self.name, attributes, few_receives)
        self.newer, self.cut_short = 0, ""
        self._seen: set[bytes] = set()
        self._gone: set[bytes] = set()
        self._active: dict[str, Item] = {}
        self._held, self._held_count = _file(), 0
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._began = time.monotonic()
        threading.Thread(target=self._renew, daemon=True).start()

    def scan(self, stop: threading.Event) -> Iterator[list[Item]]:
        """Give each message of the snapshot once; ends when nothing new is found."""
        empty = stale = 0
        while not stop.is_set() and empty < _EMPTY:
            if stale >= _STALE + len(self._seen) // 5:
                self.cut_short = f"the queue gave only known messages {stale} times: some may not have been seen"
                return
            if self._held_count >= _HELD_MOST:
                self.cut_short = (
                    f"{self._held_count:,} messages were left, and SQS hides no more than 120,000 at a time: the "
                    "others were not seen; move the known ones away, or redrive them first"
                )
                return
            hold = int(max(self._visibility, min(time.monotonic() - self._began, _LONGEST_HOLD)))
            messages = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=hold,
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            fresh = [item for item in map(self._fresh, messages) if item is not None]
            empty = empty + 1 if not messages else 0
            stale = stale + 1 if messages and not fresh else 0
            yield fresh

    def _fresh(self, message: dict[str, Any]) -> Item | None:
        key, item = short(message["MessageId"]), Item(message["MessageId"], message["ReceiptHandle"], message)
        with self._lock:
            again, gone = key in self._seen, key in self._gone
            self._seen.add(key)
            sent = float(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000
            if not again and sent < self.as_of:
                self._active[item.id] = item
                return item
            self.newer += not again
            if item.id in self._active:  # it is worked on, and came again: only the newest handle deletes it
                self._active[item.id].handle = item.handle
                return None
        if gone:  # it was deleted and came again, as a standard queue may do
            self.delete([item])
        else:
            self.skip(item, again=again)
        return None

    def take_all(self, since: float) -> None:  # noqa: ARG002  (a bucket's)
        """Have the scan take also what comes after it began."""
        self.as_of = float("inf")

    def load(self, item: Item) -> bool:
        """Whether the item is there: a message came whole."""
        return item.message is not None

    def skip(self, item: Item, *, again: bool = False) -> None:
        """Leave a message, invisible until `close`; `again` if it was left before."""
        item.message = None
        with self._lock:
            self._active.pop(item.id, None)
            self._held.write(json.dumps(item.handle) + "\n")
            self._held_count += not again

    def delete(self, items: list[Item]) -> tuple[int, str]:
        """Delete messages; how many are deleted, and why the others are not. Those are left."""
        from botocore.exceptions import BotoCoreError, ClientError

        deleted, reason = 0, ""
        for chunk in tens(items):
            left = {str(n): item for n, item in enumerate(chunk)}
            for _ in range(3):
                entries = [{"Id": n, "ReceiptHandle": item.handle} for n, item in left.items()]
                try:
                    failed = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", [])
                except (BotoCoreError, ClientError) as error:
                    reason = str(error)
                    break
                left = {each["Id"]: left[each["Id"]] for each in failed}
                if not left:
                    break
                reason = failed[0]["Code"]
            deleted += len(chunk) - len(left)
            with self._lock:
                for n, item in enumerate(chunk):
                    if str(n) not in left:
                        self._active.pop(item.id, None)
                        self._gone.add(short(item.id))
            for item in left.values():
                self.skip(item)
        return deleted, reason

    def release(self) -> None:
        """Make what was left visible at once."""
        with self._lock:
            held, self._held, self._held_count = self._held, _file(), 0
        held.seek(0)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda lines: self._change(map(json.loads, lines), 0), tens(held)))
        held.close()

    def close(self) -> None:
        """Give back all that is still here."""
        self._ended.set()
        with self._lock:
            left = list(self._active.values())
        for item in left:
            self.skip(item)
        self.release()
        self._held.close()

    def _renew(self) -> None:
        while not self._ended.wait(self._visibility / 3):
            with self._lock:
                active = [item.handle for item in self._active.values()]
            for chunk in tens(active):
                self._change(chunk, self._visibility)

    def _change(self, handles: Iterable[str], seconds: int) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            change_visibility(self.sqs, self.url, handles, seconds)
        except (BotoCoreError, ClientError) as error:  # it comes back by itself, later
            note = f"the visibility of messages was not changed, they come back later: {error}"
            if note not in self.notes:
                self.notes.append(note)


def _file() -> IO[str]:
    return tempfile.TemporaryFile("w+")


def _notes(name: str, attributes: dict[str, str], few_receives: int) -> list[str]:
    notes = []
    away = int(attributes.get("ApproximateNumberOfMessagesNotVisible", 0))
    if away:
        notes.append(
            f"about {away} messages of {name} are invisible now and not in this scan: another reader has them, or a "
            "run that was killed; they come back when their visibility timeout ends"
        )
    delayed = int(attributes.get("ApproximateNumberOfMessagesDelayed", 0))
    if delayed:
        notes.append(f"about {delayed} messages of {name} are delayed and not in this scan")
    if not attributes.get("RedrivePolicy"):
        return notes
    policy = json.loads(attributes["RedrivePolicy"])
    most, to = int(policy["maxReceiveCount"]), policy["deadLetterTargetArn"].rsplit(":", 1)[-1]
    if most < few_receives:
        raise InvalidSource(
            f"{name} has a redrive policy: SQS moves what was received {most} times to {to}, and each look at a "
            f"message counts; remove the policy while you redrive, or raise maxReceiveCount to {few_receives}"
        )
    return [*notes, f"each look counts as a receive, and after {most} SQS moves a message from {name} to {to}"]
