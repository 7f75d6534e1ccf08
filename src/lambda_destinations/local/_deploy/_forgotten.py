"""Properties that the engine forgets and types that it does not have: put in place after the deployment."""

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ...template import is_known
from .._arn import Arn
from .._clients import ClientError, is_missing
from .._environment import Environment
from .._mappings import Mapping as QueueMapping
from ._denials import keep_denials
from ._own_types import OWN_TYPES, add_bus_statements
from ._placed import Placed
from ._resource import Resource

Undo = Callable[[], object]


def taken_out(kind: str, properties: Mapping[str, Any], region: str, account: str) -> bool:
    """Whether a resource is not deployed, but put in place by `put_in_place`.

    :param properties: the properties of the resource, resolved or as deployed
    :param region: the region of the stack. The engine forgets a subscription to a topic in another region or account
    :param account: the account of the stack
    """
    if kind == "AWS::Lambda::EventSourceMapping":
        arn = Arn.find(properties.get("EventSourceArn"))
        return arn is not None and arn.service == "sqs"
    if kind == "AWS::SNS::Subscription":
        arn = Arn.find(properties.get("TopicArn"))
        return arn is not None and is_known(str(arn)) and (arn.region, arn.account) != (region, account)
    return kind in OWN_TYPES


def put_in_place(
    env: Environment,
    environment_of: Callable[[str], Environment],
    placed: Placed,
    template: dict[str, Any],
    path_of: Callable[[str], str],
) -> list[Undo]:
    """Put in place what the engine forgot of the resources of a template.

    :param template: the template to deploy, with all resources
    :param path_of: gives the construct path of a logical id
    :returns: functions that undo what was put in place outside of this stack
    """
    undo: list[Undo] = []
    for logical_id, written in template["Resources"].items():
        kind, properties = written["Type"], written.get("Properties") or {}
        if logical_id in placed.resources:
            keep_denials(env, kind, placed.value(properties))
            for name in properties:
                if (kind, name) in _PROPERTIES:
                    _PROPERTIES[kind, name](env, placed.resources[logical_id], placed.value(properties[name]))
        elif kind in OWN_TYPES:
            OWN_TYPES[kind](env, placed.value(properties))
        elif kind == "AWS::Lambda::EventSourceMapping":
            _map(env, path_of(logical_id), placed.value(properties))
        elif kind == "AWS::SNS::Subscription":
            undo += _subscribe(environment_of, placed.value(properties))
    return undo


def _map(env: Environment, path: str, properties: dict[str, Any]) -> None:
    env.mappings.append(
        QueueMapping(
            path=path,
            queue_arn=str(properties["EventSourceArn"]),
            function=properties["FunctionName"],
            properties=properties,
        )
    )


def _subscribe(environment_of: Callable[[str], Environment], properties: dict[str, Any]) -> list[Undo]:
    topic = properties["TopicArn"]
    sns = environment_of(topic).clients["sns"]
    names = {"DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"}
    attributes = {name: properties[name] for name in names & properties.keys()}
    try:
        answer = sns.subscribe(
            TopicArn=topic,
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes={
                name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()
            },
            ReturnSubscriptionArn=True,
        )
    except ClientError as error:
        if not is_missing(error):
            raise
        return []  # the topic is not in the app, and the app sends nothing to it
    return [lambda: sns.unsubscribe(SubscriptionArn=answer["SubscriptionArn"])]


def _dead_letter(env: Environment, function: Resource, value: dict[str, Any]) -> None:
    if value.get("TargetArn"):
        env.dead_letters[function.physical_id] = value["TargetArn"]  # also for its versions, which cannot be changed


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
    with _unless_missing():  # the engine does not have all AWS managed policies
        env.clients["iam"].put_role_permissions_boundary(RoleName=role.physical_id, PermissionsBoundary=value)


def _bus_policy(env: Environment, bus: Resource, value: Any) -> None:
    assert bus.arn is not None
    add_bus_statements(env, bus.arn, value.get("Statement", []))


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
