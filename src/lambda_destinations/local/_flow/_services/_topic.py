"""A topic: the record is sent to a topic of our own, which filters like the subscriptions of the user."""

import json
from typing import Any

from ...._service import MAX_SNS_MESSAGE
from ....envelopes import sns_notification
from ..._arn import Arn
from ..._environment import Environment
from ..._result._tree import Delivery
from .._shadows import shadow_topic
from ._service import Extras, Service


class Topic(Service):
    """A topic, which needs `sns:Publish`."""

    service, action = "sns", "sns:Publish"

    def limit(self, env: Environment, arn: Arn) -> int | None:
        """256 KiB, unless the topic's `MaximumMessageSize` was raised."""
        return int(attributes(env, arn).get("MaximumMessageSize") or MAX_SNS_MESSAGE)

    def key_id(self, env: Environment, arn: Arn) -> str | None:
        """The `KmsMasterKeyId` of the topic."""
        return attributes(env, arn).get("KmsMasterKeyId") or None

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:
        """Publish the message, and find its notification by its id."""
        arn = delivery.target.arn
        if len(delivery.body.encode()) + extras.size > MAX_SNS_MESSAGE:
            _pretend(delivery)
            return
        shadow = shadow_topic(env, arn)
        more: dict[str, Any] = {"MessageAttributes": extras.attributes} if extras.attributes else {}
        sent = env.clients["sns"].publish(TopicArn=shadow.arn, Message=delivery.body, **more)
        delivery.message_id = sent["MessageId"]
        found = shadow.probe.find(sent["MessageId"])
        if found is not None:
            notification = {**json.loads(found), "TopicArn": arn}
            delivery.arrived = json.dumps(notification, ensure_ascii=False)
            delivery.read_back = notification["Message"] == delivery.body


def _pretend(delivery: Delivery) -> None:
    """Treat as published what the engine would refuse because of its fixed limit; nothing can be read back."""
    record = delivery.record
    assert record is not None
    notification = sns_notification(record, topic_arn=delivery.target.arn)
    notification["Message"] = delivery.body
    delivery.message_id = notification["MessageId"]
    delivery.arrived = json.dumps(notification, ensure_ascii=False)
    delivery.note("beyond-engine")


def attributes(env: Environment, arn: Arn) -> dict[str, str]:
    """The attributes of a topic; raises ClientError if it does not exist."""
    found: dict[str, str] = env.memo(
        ("topic", str(arn)), lambda: env.clients["sns"].get_topic_attributes(TopicArn=str(arn))["Attributes"]
    )
    return found
