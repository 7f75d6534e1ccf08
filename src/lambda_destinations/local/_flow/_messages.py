"""The envelopes and attributes of messages to queues and functions."""

import json
from typing import Any

from ...record import InvocationRecord
from .._result._tree import Delivery
from ._rules import Rule
from ._shadows import Subscription

_FIRST_KILOBYTE = 1024


def sns_body(notification: dict[str, Any], subscription: Subscription, message: str) -> str:
    """What a subscriber gets: a function an SNS event, a queue the notification, or only the message if it is raw."""
    if subscription.protocol == "sqs":
        return message if subscription.raw else json.dumps(notification, ensure_ascii=False)
    attributes = notification.get("MessageAttributes", {})
    unsubscribe = "https://sns.example.com/?Action=Unsubscribe&SubscriptionArn=" + subscription.arn
    sns = {
        "Type": "Notification",
        "MessageId": notification["MessageId"],
        "TopicArn": notification["TopicArn"],
        "Subject": None,
        "Message": message,
        "Timestamp": notification["Timestamp"],
        "SignatureVersion": "1",
        "Signature": notification.get("Signature", "EXAMPLE"),
        "SigningCertUrl": "https://sns.example.com/certificate.pem",
        "UnsubscribeUrl": unsubscribe,
        "MessageAttributes": attributes,
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "Sns": sns}
    return json.dumps({"Records": [record]}, ensure_ascii=False, separators=(",", ":"))


def event_attributes(rule: Rule, failed: Delivery) -> dict[str, Any]:
    """The attributes of an event that EventBridge could not deliver (User Guide, "dead-letter queues")."""
    codes = {"missing": "RESOURCE_NOT_FOUND", "service-denied": "NO_PERMISSIONS", "key-denied": "NO_PERMISSIONS"}
    said = {
        "RULE_ARN": str(rule.arn),
        "TARGET_ARN": failed.target.arn,
        "ERROR_CODE": codes.get(failed.finding.code if failed.finding else "", "SDK_CLIENT_ERROR"),
        "ERROR_MESSAGE": (failed.problem or "")[:1024],
    }
    return {name: {"DataType": "String", "StringValue": value} for name, value in said.items() if value}


def dead_letter_attributes(record: InvocationRecord) -> dict[str, Any]:
    """The attributes of an event in a dead-letter queue of a function (Lambda Developer Guide)."""
    message = (record.error.message if record.error else None) or str(record.condition)
    first = message.encode("utf-8", "replace")[:_FIRST_KILOBYTE].decode("utf-8", "ignore")
    return {
        "RequestID": {"DataType": "String", "StringValue": record.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": str(record.status_code or 500)},
        "ErrorMessage": {"DataType": "String", "StringValue": first},
    }
