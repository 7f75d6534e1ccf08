"""How a record travels on from a bus or a topic, and whether the service that passes it on may do so."""

import json
from collections.abc import Callable

from .._clients import ClientError, is_missing
from .._environment import Environment
from .._result._tree import Delivery
from ._policy import allowed, statements
from ._queues import find_message, queue_url
from ._routes import DEFAULT_STATEMENT, Rule, RuleTarget

Matches = Callable[[str, str], bool]

_FILTER_PATIENCE = 0.5  # seconds until a notification that a filter may have held back is given up

# What a service needs on a target, by the service in the target's ARN: the action, and the resource that grants it.
_GRANTS = {
    "lambda": ("lambda:InvokeFunction", "AWS::Lambda::Permission"),
    "sns": ("sns:Publish", "AWS::SNS::TopicPolicy"),
    "sqs": ("sqs:SendMessage", "AWS::SQS::QueuePolicy"),
}


def passed_by_rules(env: Environment, bus: str, event: str) -> list[tuple[Rule, RuleTarget, str | None]]:
    """What each rule that matches an event hands to each of its targets: None if it does not arrive."""
    found = []
    for rule in env.routes.rules(bus):
        if env.clients["events"].test_event_pattern(EventPattern=rule.pattern, Event=event)["Result"]:
            found += [(rule, target, target.probe.next()) for target in rule.targets]
    return found


def dead_rules(env: Environment, bus_arn: str, on: str, function_arn: str) -> list[str]:
    """The rules that wait for this function under another qualifier, whose configuration sends nothing to the bus.

    So is upstream's rule for an alias: it waits for `$LATEST`, and what it was made for matches nothing.
    """
    base, _ = function_arn.rsplit(":", 1)
    found = []
    for rule in env.routes.rules(bus_arn.rsplit("/", 1)[-1]):
        named = [arn for arn in json.loads(rule.pattern).get("resources", []) if str(arn).startswith(f"{base}:")]
        configs = [env.config(base.rsplit(":", 1)[-1], arn.rsplit(":", 1)[-1]) for arn in named]
        if configs and all(bus_arn != (c.on_success if on == "on success" else c.on_failure) for c in configs):
            found.append(rule.name)
    return found


def service_may(env: Environment, service: str, onward: Delivery, source_arn: str) -> bool:
    """Whether the target's own policy lets a service in, noted on the delivery; the engine does not ask."""
    arn = onward.target.arn
    action, grant = _GRANTS[arn.split(":")[2]]
    try:
        policy = statements(resource_policy(env, arn))
    except ClientError as error:
        if not is_missing(error):
            raise
        policy = []
    owner = source_arn.split(":")[4]
    granted = allowed(policy, action, arn, principal=service, aws_SourceArn=source_arn, aws_SourceAccount=owner)
    onward.permission = f"{action} {'allowed' if granted else 'denied'}"
    if not granted:
        onward.problem = f"{service} may not {action}; add an {grant} for {source_arn}"
    return granted


def resource_policy(env: Environment, arn: str) -> str:
    """The policy of a function, a topic or a queue, as JSON text; raises ClientError if a function has none."""
    _, _, service, _, _, _, *rest = arn.split(":")
    if service == "lambda":
        where = {"Qualifier": rest[1]} if rest[1:] else {}
        return str(env.clients["lambda"].get_policy(FunctionName=rest[0], **where)["Policy"])
    if service == "sns":
        attributes = env.clients["sns"].get_topic_attributes(TopicArn=arn)["Attributes"]
        if DEFAULT_STATEMENT in attributes.get("Policy", ""):
            return ""  # it lets in no service, and no role that may not publish anyway
    else:
        url = queue_url(env.clients, arn)
        read = env.clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        attributes = read.get("Attributes", {})
    return str(attributes.get("Policy", ""))


def look_in_queue(env: Environment, onward: Delivery, wanted: Matches) -> None:
    """Find in the target's queue what was passed on to it, and compare."""
    found = find_message(env.clients, onward.target.arn, wanted, peek_url=env.peek_url)
    if found is None:
        onward.problem = "the message did not arrive"
        return
    onward.message_id, onward.arrived = found
    text = onward.arrived
    if text != onward.body and text.startswith("{"):
        text = json.loads(text).get("Message", text)  # wrapped by SNS
    onward.read_back = text == onward.body
    onward.note = env.routes.consumers_note(onward.target.arn)


def passed_to_functions(env: Environment, delivery: Delivery) -> list[tuple[Delivery, str]]:
    """The functions that get a topic's notification, each with the event that it is invoked with."""
    topic, message_id, found = delivery.target.arn, delivery.message_id, []
    for each in env.routes.subscribed_functions(topic):
        onward = Delivery(on="subscription", target=env.target(each.function_arn), record=delivery.record, body="")
        patience = {"seconds": _FILTER_PATIENCE} if each.filtered else {}
        text = each.probe.find(lambda body: bool(json.loads(body)["MessageId"] == message_id), **patience)
        if text is None and each.filtered:
            continue
        delivery.passed_on.append(onward)
        if text is None:
            onward.problem = "the notification did not arrive"
        elif service_may(env, "sns.amazonaws.com", onward, topic):
            notification = {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": each.arn,
                "Sns": json.loads(text),
            }
            onward.body = json.dumps({"Records": [notification]}, ensure_ascii=False)
            found.append((onward, each.function_arn))
    return found


def pass_to_queues(env: Environment, delivery: Delivery) -> None:
    """Look for a topic's notification in each queue that is subscribed to it."""
    topic = delivery.target.arn
    for each in env.routes.subscribed_queues(topic):
        wanted = _is_body(delivery.body) if each.raw else _has_id(str(delivery.message_id))
        onward = Delivery(
            on="subscription", target=env.target(each.queue_arn), record=delivery.record, body=delivery.body
        )
        if not service_may(env, "sns.amazonaws.com", onward, topic):
            delivery.passed_on.append(onward)
            continue
        if each.filtered:
            seconds = _FILTER_PATIENCE
            if find_message(env.clients, each.queue_arn, wanted, peek_url=env.peek_url, seconds=seconds) is None:
                continue
        delivery.passed_on.append(onward)
        look_in_queue(env, onward, wanted)


def _is_body(text: str) -> Matches:
    return lambda _, body: body == text


def _has_id(message_id: str) -> Matches:
    return lambda _, body: f'"{message_id}"' in body
