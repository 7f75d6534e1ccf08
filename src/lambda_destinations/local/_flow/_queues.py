"""Reading messages: from our own probe queues, which we use up, and from the user's, which we leave as they are."""

import json
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from .._clients import Clients

PROBE_PREFIX = "lambda-destinations-probe-"
ARRIVAL_SECONDS = 5.0  # the engine takes milliseconds

_loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says


class Probe:
    """A queue of our own that shows what a service passes on. Several threads may share it."""

    def __init__(self, clients: Clients) -> None:
        self._sqs = clients["sqs"]
        self.name = PROBE_PREFIX + uuid.uuid4().hex[:12]
        self.arn = f"arn:aws:sqs:{clients.region}:{clients.account}:{self.name}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        # What was received stays hidden for as long as the queue lives, which is cheaper than deleting it.
        attributes = {"Policy": policy, "VisibilityTimeout": "43200"}
        self._url = self._sqs.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        self._lock = threading.Lock()
        self._seen: list[str] = []

    def find(self, matches: Callable[[str], bool], seconds: float = ARRIVAL_SECONDS) -> str | None:
        """The first message that `matches`, or None if none arrives in time."""
        deadline = time.monotonic() + seconds
        while True:
            with self._lock:
                self._seen += self._receive()
                for index, body in enumerate(self._seen):
                    if matches(body):
                        return self._seen.pop(index)
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.002)

    def next(self) -> str | None:
        """The next message, or None if none arrives in time. For callers that send one at a time."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while time.monotonic() < deadline:
            for body in self._receive(1):
                return body
            time.sleep(0.002)
        return None

    def _receive(self, most: int = 10) -> list[str]:
        messages = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=most).get("Messages", [])
        return [message["Body"] for message in messages]

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
        found = _peeked(clients, peek_url, url) if peek_url else _received(clients["sqs"], url)
        for message_id, body in found:
            if matches(message_id, body):
                return message_id, body
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.005)


def _peeked(clients: Clients, peek_url: str, url: str) -> list[tuple[str, str]]:
    query = urllib.parse.urlencode({"account": clients.account, "region": clients.region, "QueueUrl": url})
    with _loopback.open(f"{peek_url}/_ministack/sqs/messages?{query}", timeout=10) as answer:
        queues: dict[str, dict[str, list[dict[str, Any]]]] = json.load(answer)["messages"].get(clients.account, {})
    return [
        (message["MessageId"], message["Body"])
        for messages in queues.get(clients.region, {}).values()
        for message in reversed(messages)
    ]


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
