"""A queue by its name, ARN or URL, and what several modules do with queues."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..errors import InvalidSource
from ._clients import FIRST_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..record import InvocationRecord
    from ._clients import Clients

_ARN = re.compile(r"arn:[^:]+:sqs:([^:]+):(\d*):([^:]+)")
_URL = re.compile(r"https?://(?:sqs\.([a-z0-9-]+)\.[^/]+|([a-z0-9-]+)\.queue\.[^/]+|[^/]+)/\S+")
_MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NonExistentQueue"}


def find_queue(clients: Clients, text: str, *, what: str = "queue") -> tuple[Any, str]:
    """The client of the queue's own region, and the queue's URL.

    :raises InvalidSource: if the queue is not there, is FIFO, or may not be read
    """
    from botocore.exceptions import ClientError

    arn, url = _ARN.fullmatch(text), _URL.fullmatch(text)
    if text.removesuffix("/").endswith(".fifo"):
        raise InvalidSource(f"{text} is a FIFO queue, and Lambda sends no record to one; give a standard queue")
    if url:
        return clients.get("sqs", url[1] or url[2]), text
    if not arn and not re.fullmatch(r"[\w-]{1,80}", text):
        raise InvalidSource(f"{text!r} is not the name, ARN or URL of a queue, and not s3://bucket/prefix; check it")
    region = arn[1] if arn else None
    owner = {"QueueOwnerAWSAccountId": arn[2]} if arn and arn[2] else {}
    first = clients.get("sqs", region, attempts=FIRST_ATTEMPTS)
    try:
        found = str(first.get_queue_url(QueueName=arn[3] if arn else text, **owner)["QueueUrl"])
        return clients.get("sqs", region), found
    except ClientError as error:
        raise InvalidSource(f"cannot find the {what} {text}: {error}; check its name and region") from None


def is_missing(error: Any) -> bool:
    """Whether SQS says that there is no such queue."""
    return error.response["Error"]["Code"] in _MISSING


def tens(each: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of up to ten: SQS takes no more in one call."""
    chunk: list[Any] = []
    for one in each:
        chunk.append(one)
        if len(chunk) == 10:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def short(id_: str) -> bytes:
    """An id of a message or of a request as a key: a third of the memory of its text."""
    try:
        return UUID(id_).bytes if len(id_) == 36 else id_.encode()
    except ValueError:
        return id_.encode()


def change_visibility(client: Any, url: str, handles: Iterable[str], seconds: int) -> None:
    """Make up to ten messages visible after so many seconds, 0 for at once.

    A message whose handle has expired is visible already, or another reader has it: SQS refuses it alone.
    """
    entries = [
        {"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": seconds} for n, handle in enumerate(handles)
    ]
    client.change_message_visibility_batch(QueueUrl=url, Entries=entries)


class Quarantine:
    """The queue for what failed too often."""

    def __init__(self, client: Any, url: str) -> None:
        self._client, self.url = client, url

    def is_at(self, url: str) -> bool:
        """Whether it is the queue of this URL: the same account and name."""
        return self.url.rstrip("/").split("/")[-2:] == url.rstrip("/").split("/")[-2:]

    def put(self, record: InvocationRecord) -> None:
        """Send the record itself, without what it came in."""
        self._client.send_message(QueueUrl=self.url, MessageBody=record.to_json())
