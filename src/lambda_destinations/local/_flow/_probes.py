"""Reading messages: from our own probe queues, which we use up, and from the user's, which we leave as they are."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from .._clients import Clients
from .._engine import queue_messages

PROBE_PREFIX = "lambda-destinations-probe-"
ARRIVAL_SECONDS = 5.0  # the engine takes milliseconds


class Probe:
    """A queue of our own that shows what a service hands on; several threads may share it.

    :param member: of its messages, JSON objects, that holds the id by which each is found
    """

    def __init__(self, clients: Clients, member: str) -> None:
        self._sqs, self._member = clients["sqs"], member
        self.name = PROBE_PREFIX + uuid.uuid4().hex[:12]
        self.arn = f"arn:aws:sqs:{clients.region}:{clients.account}:{self.name}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        # What was received stays hidden for as long as the queue lives, which is cheaper than deleting it.
        attributes = {"Policy": policy, "VisibilityTimeout": "43200"}
        self._url = self._sqs.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        self._lock = threading.Lock()
        self._seen: dict[str, str] = {}

    def find(self, message_id: str, seconds: float = ARRIVAL_SECONDS) -> str | None:
        """The message with an id, or None if it does not arrive in time. It is given once."""
        deadline = time.monotonic() + seconds
        while True:
            with self._lock:
                if message_id not in self._seen:
                    self._receive()
                if message_id in self._seen:
                    return self._seen.pop(message_id)
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.002)

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
    """The URL of a queue; raises ClientError if there is none."""
    if queue_arn not in clients.queue_urls:
        name, owner = queue_arn.rsplit(":", 1)[-1], queue_arn.split(":")[4]
        answer = clients["sqs"].get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner)
        clients.queue_urls[queue_arn] = answer["QueueUrl"]
    return clients.queue_urls[queue_arn]


def find_message(
    clients: Clients,
    queue_arn: str,
    matches: Callable[[str, str], bool],
    *,
    peek_url: str | None,
    seconds: float = ARRIVAL_SECONDS,
) -> tuple[str, str] | None:
    """Id and body of the message in a user's queue for which `matches(id, body)`, or None if it does not arrive.

    ministack shows a queue without receiving from it (`peek_url`). Elsewhere the messages are received and given back,
    which counts as a receive.
    """
    url = queue_url(clients, queue_arn)
    deadline = time.monotonic() + seconds
    while True:
        found = (
            queue_messages(peek_url, clients.account, clients.region, url)
            if peek_url
            else _received(clients["sqs"], url)
        )
        for message_id, body in found:
            if matches(message_id, body):
                return message_id, body
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.005)


def _received(sqs: Any, url: str) -> list[tuple[str, str]]:
    held: list[dict[str, Any]] = []
    while True:
        batch = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=30).get("Messages", [])
        if not batch:
            break
        held += batch
    for message in held:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return [(message["MessageId"], message["Body"]) for message in held]
