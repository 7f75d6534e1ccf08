"""What the engine forgets of a resource, or has no type for: put in place from the template after the deployment."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from ...errors import DeployError
from .._arn import LATEST, Arn
from .._clients import ClientError, is_missing
from .._environment import AsyncConfig, Environment
from .._mappings import Mapping
from ._placed import Placed
from ._resource import Resource


def taken_out(kind: str, source: object) -> bool:
    """Whether a resource is not deployed, but put in place by `put_in_place`.

    :param source: the `EventSourceArn` of an event source mapping
    """
    if kind == "AWS::Lambda::EventSourceMapping":
        arn = Arn.find(source)
        return arn is not None and arn.service == "sqs"
    return kind in _OWN_TYPES


def put_in_place(env: Environment, placed: Placed, template: dict[str, Any], path_of: Callable[[str], str]) -> None:
    """Put in place what the engine forgot of the resources of a template.

    :param template: with all resources, in the form to deploy
    :param path_of: the construct path of a logical id
    """
    for logical_id, written in template["Resources"].items():
        kind, properties = written["Type"], written.get("Properties") or {}
        if kind in _OWN_TYPES:
            _OWN_TYPES[kind](env, placed.value(properties))
        elif kind == "AWS::Lambda::EventSourceMapping":
            _map(env, path_of(logical_id), placed.value(properties))
        elif logical_id in placed.resources:
            for name in properties:
                if (kind, name) in _PROPERTIES:
                    _PROPERTIES[kind, name](env, placed.resources[logical_id], placed.value(properties[name]))


def _map(env: Environment, path: str, properties: dict[str, Any]) -> None:
    source = str(properties.get("EventSourceArn"))
    if taken_out("AWS::Lambda::EventSourceMapping", source):
        env.mappings.append(
            Mapping(path=path, queue_arn=source, function=properties["FunctionName"], properties=properties)
        )


def _dead_letter(env: Environment, function: Resource, value: dict[str, Any]) -> None:
    if value.get("TargetArn"):
        env.dead_letters[function.physical_id] = value["TargetArn"]  # for its versions, which cannot be changed, too


def _concurrency(env: Environment, function: Resource, value: Any) -> None:
    env.clients["lambda"].put_function_concurrency(
        FunctionName=function.physical_id, ReservedConcurrentExecutions=int(value)
    )


def _recursion(env: Environment, function: Resource, value: str) -> None:
    env.clients["lambda"].put_function_recursion_config(FunctionName=function.physical_id, RecursiveLoop=value)


def _topic_attribute(name: str) -> Callable[[Environment, Resource, Any], None]:
    def put(env: Environment, topic: Resource, value: Any) -> None:
        env.clients["sns"].set_topic_attributes(
            TopicArn=topic.physical_id, AttributeName=name, AttributeValue=str(value)
        )

    return put


def _encryption(env: Environment, bucket: Resource, value: dict[str, Any]) -> None:
    rules = []
    for written in value.get("ServerSideEncryptionConfiguration") or ():
        default = written.get("ServerSideEncryptionByDefault")
        if default:
            given = {"SSEAlgorithm": default["SSEAlgorithm"], "KMSMasterKeyID": default.get("KMSMasterKeyID")}
            rules.append({"ApplyServerSideEncryptionByDefault": {key: each for key, each in given.items() if each}})
    if rules:
        env.clients["s3"].put_bucket_encryption(
            Bucket=bucket.physical_id, ServerSideEncryptionConfiguration={"Rules": rules}
        )


def _boundary(env: Environment, role: Resource, value: str) -> None:
    assert role.arn is not None
    env.boundaries[role.arn] = value
    with _unless_missing():  # the engine does not know all policies that AWS manages
        env.clients["iam"].put_role_permissions_boundary(RoleName=role.physical_id, PermissionsBoundary=value)


def _bus_policy(env: Environment, bus: Resource, value: Any) -> None:
    assert bus.arn is not None
    _add_bus_statements(env, bus.arn, value.get("Statement", []))


def _bus_policy_resource(env: Environment, properties: dict[str, Any]) -> None:
    name = properties.get("EventBusName") or "default"
    bus = name if name.startswith("arn:") else env.arn("events", f"event-bus/{name}")
    statement = properties.get("Statement")
    if not statement:
        principal = properties.get("Principal", "*")
        statement = {
            "Effect": "Allow",
            "Action": properties.get("Action", "events:PutEvents"),
            "Principal": "*" if principal == "*" else {"AWS": principal},
            "Resource": bus,
        }
        condition = properties.get("Condition")
        if condition:
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    _add_bus_statements(env, bus, statement)


def _add_bus_statements(env: Environment, bus: str, statements: Any) -> None:
    kept = env.bus_policies.setdefault(bus, {"Version": "2012-10-17", "Statement": []})
    kept["Statement"] += statements if isinstance(statements, list) else [statements]


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
                f"there is no version or alias {qualifier!r} of {name}, so that Lambda refuses its "
                "EventInvokeConfig; give one that there is"
            ) from None
    on = properties.get("DestinationConfig") or {}
    given = {"retries": properties.get("MaximumRetryAttempts"), "max_age": properties.get("MaximumEventAgeInSeconds")}
    config = AsyncConfig(
        on_success=(on.get("OnSuccess") or {}).get("Destination"),
        on_failure=(on.get("OnFailure") or {}).get("Destination"),
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
        QueueUrl=properties["Queue"], Attributes={"Policy": _text(properties["PolicyDocument"])}
    )


def _topic_policy(env: Environment, properties: dict[str, Any]) -> None:
    env.clients["sns"].set_topic_attributes(
        TopicArn=properties["TopicArn"], AttributeName="Policy", AttributeValue=_text(properties["PolicyDocument"])
    )


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


@contextlib.contextmanager
def _unless_missing() -> Any:
    try:
        yield
    except ClientError as error:
        if not is_missing(error):
            raise


_PROPERTIES: dict[tuple[str, str], Callable[[Environment, Resource, Any], None]] = {
    ("AWS::Events::EventBus", "Policy"): _bus_policy,
    ("AWS::IAM::Role", "PermissionsBoundary"): _boundary,
    ("AWS::Lambda::Function", "DeadLetterConfig"): _dead_letter,
    ("AWS::Lambda::Function", "RecursiveLoop"): _recursion,
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions"): _concurrency,
    ("AWS::S3::Bucket", "BucketEncryption"): _encryption,
    ("AWS::SNS::Topic", "KmsMasterKeyId"): _topic_attribute("KmsMasterKeyId"),
    ("AWS::SNS::Topic", "MaximumMessageSize"): _topic_attribute("MaximumMessageSize"),
}
_OWN_TYPES: dict[str, Callable[[Environment, dict[str, Any]], None]] = {
    "AWS::Events::EventBusPolicy": _bus_policy_resource,
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::Lambda::EventInvokeConfig": _config,
    "AWS::SNS::TopicInlinePolicy": _topic_policy,
    "AWS::SQS::QueueInlinePolicy": _queue_policy,
}
