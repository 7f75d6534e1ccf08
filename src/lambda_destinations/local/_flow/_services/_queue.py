"""A queue: the message stays there for its readers."""

import uuid
from typing import Any

from ...._service import MAX_PAYLOAD
from ..._arn import Arn
from ..._environment import Environment
from ..._result._tree import Delivery
from .._probes import View, queue_url
from ._service import Extras, Service


class Queue(Service):
    """A queue, which needs `sqs:SendMessage`."""

    service, action = "sqs", "sqs:SendMessage"

    def limit(self, env: Environment, arn: Arn) -> int | None:
        """The queue's own `MaximumMessageSize`, 1 MiB unless it was lowered."""
        return int(attributes(env, arn)["MaximumMessageSize"])

    def key_id(self, env: Environment, arn: Arn) -> str | None:
        """The `KmsMasterKeyId` of the queue."""
        return attributes(env, arn).get("KmsMasterKeyId") or None

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:
        """Send the message, and find it by its id."""
        arn = Arn.parse(delivery.target.arn)
        more: dict[str, Any] = {"MessageAttributes": extras.attributes} if extras.attributes else {}
        if arn.name.endswith(".fifo"):
            more |= {"MessageGroupId": extras.group or "none", "MessageDeduplicationId": str(uuid.uuid4())}
        url = queue_url(env.clients, str(arn))
        sent = env.clients["sqs"].send_message(QueueUrl=url, MessageBody=delivery.body, **more)
        delivery.message_id = sent["MessageId"]
        view: View = env.memo(("view", str(arn)), lambda: View(env.clients, str(arn), env.peek_url))
        delivery.arrived = view.find(sent["MessageId"])
        delivery.read_back = None if delivery.arrived is None else delivery.arrived == delivery.body


def attributes(env: Environment, arn: Arn) -> dict[str, str]:
    """The attributes of a queue; raises ClientError if it does not exist."""

    def read() -> dict[str, str]:
        url = queue_url(env.clients, str(arn))
        answer = env.clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return {"MaximumMessageSize": str(MAX_PAYLOAD), **answer.get("Attributes", {})}

    found: dict[str, str] = env.memo(("queue", str(arn)), read)
    return found
