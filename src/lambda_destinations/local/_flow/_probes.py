"""Read messages: from probe queues of our own, and from queues of the user, where the messages stay."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from .._arn import Arn
from .._clients import Clients
from .._engine import queue_messages

PROBE_PREFIX = "lambda-destinations-probe-"
ARRIVAL_SECONDS = 5.0  # the engine takes milliseconds


def _wait_for(look: Callable[[], str | None], seconds: float, *, pause: float) -> str | None:
    """What `look` finds, perhaps only after several calls; None if it finds nothing in time."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(pause)
    return found


class Probe:
    """A queue of our own that shows what a service sends on; several threads may share it.

    :param member: the member of each message (a JSON object) with the id by which it is found
    """

    def __init__(self, clients: Clients, member: str) -> None:
        self._sqs, self._member = clients["sqs"], member
        self.name = PROBE_PREFIX + uuid.uuid4().hex[:12]
        self.arn = f"arn:aws:sqs:{clients.region}:{clients.account}:{self.name}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        # Received messages stay hidden until the queue is deleted, which is cheaper than deleting each of them.
        attributes = {"Policy": policy, "VisibilityTimeout": "43200"}
        self._url = self._sqs.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        self._lock = threading.Lock()
        self._seen: dict[str, str] = {}

    def find(self, message_id: str, seconds: float = ARRIVAL_SECONDS) -> str | None:
        """The message with an id, or None if it does not arrive in time. Each message is returned once."""

        def taken() -> str | None:
            with self._lock:
                if message_id not in self._seen:
                    self._receive()
                return self._seen.pop(message_id, None)

        return _wait_for(taken, seconds, pause=0.002)

    def _receive(self) -> None:
        while True:
            messages = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
            for each in messages:
                self._seen[str(json.loads(each["Body"])[self._member])] = each["Body"]
            if len(messages) < 10:
                return

    def close(self) -> None:
        """Delete the queue."""
        self._sqs.delete_queue(QueueUrl=self._url)


def queue_url(clients: Clients, queue_arn: str) -> str:
    """The URL of a queue; raises ClientError if the queue does not exist."""
    if queue_arn not in clients.queue_urls:
        arn = Arn.parse(queue_arn)
        answer = clients["sqs"].get_queue_url(QueueName=arn.name, QueueOwnerAWSAccountId=arn.account)
        clients.queue_urls[queue_arn] = answer["QueueUrl"]
    return clients.queue_urls[queue_arn]


class View:
    """The messages in a queue of the user, which stay there; several threads may share the view.

    ministack shows the messages without receiving them (`peek_url`). From another engine they are received and given
    back, which counts as a receive.
    """

    def __init__(self, clients: Clients, queue_arn: str, peek_url: str | None) -> None:
        self._clients, self._peek_url = clients, peek_url
        self._url = queue_url(clients, queue_arn)
        self._lock = threading.Lock()
        self._seen: dict[str, str] = {}

    def find(self, message_id: str, seconds: float = ARRIVAL_SECONDS) -> str | None:
        """The body of the message with an id, or None if it does not arrive in time."""

        def seen() -> str | None:
            with self._lock:
                if message_id not in self._seen:
                    self._seen = dict(self._look())
                return self._seen.get(message_id)

        return _wait_for(seen, seconds, pause=0.005)

    def _look(self) -> list[tuple[str, str]]:
        if self._peek_url:
            return queue_messages(self._peek_url, self._clients.account, self._clients.region, self._url)
        sqs, held = self._clients["sqs"], list[dict[str, Any]]()
        while batch := sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=30).get(
            "Messages", []
        ):
            held += batch
        for message in held:
            handle = message["ReceiptHandle"]
            sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0)
        return [(message["MessageId"], message["Body"]) for message in held]
