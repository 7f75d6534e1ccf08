"""Types that the engine does not have or must not get: put in place through the services, or kept by us."""

import json
from collections.abc import Callable
from typing import Any

from ...errors import DeployError
from ...template import bus_statement
from .._arn import LATEST, Arn
from .._clients import ClientError, is_missing
from .._environment import AsyncConfig, Environment
from ._denials import keep_denials, split


def add_bus_statements(env: Environment, bus: str, statements: Any) -> None:
    """Keep the statements of an event bus policy here, because the engine cannot."""
    kept = env.bus_policies.setdefault(bus, {"Version": "2012-10-17", "Statement": []})
    kept["Statement"] += statements if isinstance(statements, list) else [statements]


def _bus_policy_resource(env: Environment, properties: dict[str, Any]) -> None:
    name = properties.get("EventBusName") or "default"
    bus = name if name.startswith("arn:") else env.arn("events", f"event-bus/{name}")
    add_bus_statements(env, bus, properties.get("Statement") or bus_statement({"Principal": "*", **properties}, bus))


def _config(env: Environment, properties: dict[str, Any]) -> None:
    function = str(properties["FunctionName"])
    arn = Arn.find(function)
    name, qualifier = arn.name if arn is not None else function, str(properties.get("Qualifier", LATEST))
    if qualifier != LATEST:
        try:
            env.clients["lambda"].get_function_configuration(FunctionName=name, Qualifier=qualifier)
        except ClientError as error:
            if not is_missing(error):
                raise
            raise DeployError(
                f"there is no version or alias {qualifier!r} of {name}, so Lambda refuses its "
                "EventInvokeConfig; give one that exists"
            ) from None
    on = properties.get("DestinationConfig") or {}
    given = {"retries": properties.get("MaximumRetryAttempts"), "max_age": properties.get("MaximumEventAgeInSeconds")}
    config = AsyncConfig(
        on_success=(on.get("OnSuccess") or {}).get("Destination") or None,  # Lambda treats "" as none
        on_failure=(on.get("OnFailure") or {}).get("Destination") or None,
        **{name: int(value) for name, value in given.items() if value is not None},
    )
    env.hold_config(name, qualifier, config)


def _role_policy(env: Environment, properties: dict[str, Any]) -> None:
    document = properties.get("PolicyDocument") or {}
    env.clients["iam"].put_role_policy(
        RoleName=properties["RoleName"], PolicyName=properties["PolicyName"], PolicyDocument=_text(document)
    )


def _queue_policy(env: Environment, properties: dict[str, Any]) -> None:
    env.clients["sqs"].set_queue_attributes(
        QueueUrl=properties["Queue"], Attributes={"Policy": _text(split(properties["PolicyDocument"])[0])}
    )
    keep_denials(env, "AWS::SQS::QueuePolicy", {**properties, "Queues": properties["Queue"]})


def _topic_policy(env: Environment, properties: dict[str, Any]) -> None:
    env.clients["sns"].set_topic_attributes(
        TopicArn=properties["TopicArn"],
        AttributeName="Policy",
        AttributeValue=_text(split(properties["PolicyDocument"])[0]),
    )
    keep_denials(env, "AWS::SNS::TopicPolicy", {**properties, "Topics": properties["TopicArn"]})


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


OWN_TYPES: dict[str, Callable[[Environment, dict[str, Any]], None]] = {
    "AWS::Events::EventBusPolicy": _bus_policy_resource,
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::Lambda::EventInvokeConfig": _config,
    "AWS::SNS::TopicInlinePolicy": _topic_policy,
    "AWS::SQS::QueueInlinePolicy": _queue_policy,
}
