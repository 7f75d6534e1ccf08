"""Handing a record to its destination, with the permissions of the function's role, and looking at what arrived."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ...record import InvocationRecord
from .._clients import ClientError, is_denied, is_missing
from .._environment import Environment
from .._result._tree import Delivery
from ._policy import key_allows
from ._queues import find_message, queue_url

MEGABYTE = 1_048_576
SNS_LIMIT = 262_144  # bytes; SNS alone stayed at 256 KB when the other services went to 1 MB

# A bucket is written to without being read.
_KEY_ACTIONS = {"s3": ("kms:GenerateDataKey",)}
_OTHER_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")

Sender = Callable[[Environment, Delivery, str], None]


def send(env: Environment, delivery: Delivery, role_arn: str) -> None:
    """Send the body of a delivery to its target with a role, and note on the delivery what became of it."""
    service = delivery.target.arn.split(":")[2]
    action, sender, limit = SERVICES[service]
    size = len(delivery.body.encode())
    if limit is not None and size > limit:
        delivery.problem = f"the record has {size:,} bytes, {service} takes {limit:,}; send references, not content"
        return
    delivery.permission = f"{action} allowed"
    try:
        sender(env, delivery, role_arn)
    except ClientError as error:
        refused(delivery, error, action, role_arn)


def refused(delivery: Delivery, error: ClientError, action: str, role_arn: str) -> None:
    """Note why a service did not take a record."""
    said = error.response["Error"]
    if is_denied(error):
        delivery.permission = f"{action} denied"
        delivery.problem = f"{action} denied to {role_arn.rsplit('/', 1)[-1]}; grant it on {delivery.target.arn}"
    elif is_missing(error):
        delivery.problem = f"{delivery.target.arn} does not exist; deploy it, or create it first"
    else:
        delivery.problem = f"{said.get('Code')}: {said.get('Message')}"


def _to_queue(env: Environment, delivery: Delivery, role_arn: str) -> None:
    url = queue_url(env.clients, delivery.target.arn)
    if _locked_out(env, delivery, role_arn):
        return
    extra = (
        {"MessageAttributes": _dead_letter_attributes(delivery.record)} if delivery.on == "dead-letter queue" else {}
    )
    sent = env.clients.as_role(role_arn, "sqs").send_message(QueueUrl=url, MessageBody=delivery.body, **extra)
    delivery.message_id = message_id = sent["MessageId"]
    found = find_message(env.clients, delivery.target.arn, lambda each, _: each == message_id, peek_url=env.peek_url)
    delivery.arrived = found[1] if found is not None else None
    delivery.read_back = delivery.arrived == delivery.body
    delivery.note = env.routes.consumers_note(delivery.target.arn)


def _to_topic(env: Environment, delivery: Delivery, role_arn: str) -> None:
    arn = delivery.target.arn
    if _locked_out(env, delivery, role_arn):
        return
    probe = env.routes.topic_probe(arn)
    extra = (
        {"MessageAttributes": _dead_letter_attributes(delivery.record)} if delivery.on == "dead-letter queue" else {}
    )
    sent = env.clients.as_role(role_arn, "sns").publish(TopicArn=arn, Message=delivery.body, **extra)
    delivery.message_id = sent["MessageId"]
    delivery.arrived = probe.find(lambda body: bool(json.loads(body)["MessageId"] == sent["MessageId"]))
    delivery.read_back = delivery.arrived is not None and json.loads(delivery.arrived)["Message"] == delivery.body


def _to_function(env: Environment, delivery: Delivery, role_arn: str) -> None:
    # Asked only whether it may: the run itself is ours, so that its own destinations deliver.
    env.clients.as_role(role_arn, "lambda").invoke(FunctionName=delivery.target.arn, InvocationType="DryRun")


def _to_bus(env: Environment, delivery: Delivery, role_arn: str) -> None:
    arn, outcome = delivery.target.arn, "Success" if delivery.on == "on success" else "Failure"
    name = arn.rsplit("/", 1)[-1]
    probe = env.routes.bus_probe(name)
    entry = {
        "EventBusName": arn,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {outcome}",
        "Resources": [arn, delivery.record.function_arn],
        "Detail": delivery.body,
    }
    answer = env.clients.as_role(role_arn, "events").put_events(Entries=[entry])["Entries"][0]
    if "EventId" not in answer:
        delivery.problem = f"{answer.get('ErrorCode')}: {answer.get('ErrorMessage')}"
        return
    delivery.message_id = answer["EventId"]
    delivery.arrived = probe.find(lambda body: bool(json.loads(body)["id"] == answer["EventId"]))
    if delivery.arrived is None:
        delivery.read_back = False
        return
    read = json.loads(delivery.arrived)
    same = ("source", "Source"), ("detail-type", "DetailType"), ("resources", "Resources")
    delivery.read_back = read["detail"] == json.loads(delivery.body) and all(read[a] == entry[b] for a, b in same)


def _to_bucket(env: Environment, delivery: Delivery, role_arn: str) -> None:
    bucket, now = delivery.target.arn.rsplit(":", 1)[-1], datetime.now(timezone.utc)
    function = delivery.record.function_arn.split(":")[6]
    key = f"aws/lambda/async/{function}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    if _locked_out(env, delivery, role_arn):
        return
    s3, root = env.clients.as_role(role_arn, "s3"), env.clients["s3"]
    try:
        s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
    except ClientError as error:
        refused(delivery, error, "s3:ListBucket", role_arn)
        return
    s3.put_object(Bucket=bucket, Key=key, Body=delivery.body.encode())
    delivery.message_id = key
    delivery.arrived = root.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    delivery.read_back = delivery.arrived == delivery.body


def _locked_out(env: Environment, delivery: Delivery, role_arn: str) -> bool:
    """Whether the target is encrypted with a key that the role may not use; the engine does not look at that."""
    key = env.key(delivery.target.arn)
    if key is None:
        return False
    actions = _KEY_ACTIONS.get(delivery.target.arn.split(":")[2], _OTHER_KEY_ACTIONS)
    lacking = key_allows(env.clients["kms"], env.clients["iam"], key, role_arn, actions)
    if lacking:
        delivery.permission = f"{' and '.join(lacking)} denied"
        delivery.problem = (
            f"{delivery.target.label} is encrypted, and {role_arn.rsplit('/', 1)[-1]} lacks "
            f"{' and '.join(lacking)} on its key; grant them"
        )
    return bool(lacking)


def _dead_letter_attributes(record: InvocationRecord) -> dict[str, Any]:
    """The attributes that tell a dead letter from a record: its body is the bare event."""
    message = record.error.message if record.error is not None else None
    return {
        "RequestID": {"DataType": "String", "StringValue": record.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": str(record.status_code or 500)},
        "ErrorMessage": {"DataType": "String", "StringValue": (message or record.condition)[:1024]},
    }


# By the service in the ARN: the permission, how it is sent, and the most bytes it takes.
SERVICES: dict[str, tuple[str, Sender, int | None]] = {
    "events": ("events:PutEvents", _to_bus, MEGABYTE),
    "lambda": ("lambda:InvokeFunction", _to_function, MEGABYTE),
    "s3": ("s3:PutObject", _to_bucket, None),
    "sns": ("sns:Publish", _to_topic, SNS_LIMIT),
    "sqs": ("sqs:SendMessage", _to_queue, MEGABYTE),
}
