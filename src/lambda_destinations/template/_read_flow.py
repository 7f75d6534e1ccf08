"""Reads the model of an app from its resolved stacks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ._callers import callers_of
from ._finding import PropertyPath
from ._flow import (
    Destination,
    Flow,
    Function,
    InvokeConfig,
    Key,
    Policy,
    Qualifier,
    Role,
    Rule,
    Store,
    Subscription,
    Target,
)
from ._policies import Policies
from ._reading import bus_arn, items, member, named_arn, place_of, text, truth
from ._resolved import Resolved, Resource

_STORES = {
    "AWS::SQS::Queue": ("sqs", ("KmsMasterKeyId",), "FifoQueue"),
    "AWS::SNS::Topic": ("sns", ("KmsMasterKeyId",), "FifoTopic"),
    "AWS::Events::EventBus": ("events", ("KmsKeyIdentifier",), ""),
    "AWS::S3::Bucket": ("s3", (), ""),
}


def read_flow(app: Iterable[Resolved]) -> Flow:
    """Return who sends what where in an app, including its nested stacks."""
    resources = tuple(each for resolved in app for each in _all(resolved))
    kinds: dict[str, list[Resource]] = defaultdict(list)
    for each in resources:
        kinds[each.type].append(each)
    policies = Policies(kinds)
    roles = tuple(policies.role(each) for each in kinds["AWS::IAM::Role"])
    qualifiers = _qualifiers(kinds)
    functions = tuple(
        _function(each, {role.arn: role for role in roles}, qualifiers, policies)
        for each in kinds["AWS::Lambda::Function"]
    )
    by_arn: dict[str, Function | Store | Key | Role | Rule] = {role.arn: role for role in roles}
    by_arn |= {function.arn: function for function in functions}
    stores = tuple(_store(each, policies) for kind in _STORES for each in kinds[kind])
    rules = tuple(_rule(each) for each in kinds["AWS::Events::Rule"])
    keys = tuple(_key(each, kinds) for kind in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey") for each in kinds[kind])
    for each_kind in (stores, rules, keys):
        by_arn |= {one.arn: one for one in each_kind}
    subscriptions = tuple(_subscriptions(kinds))
    return Flow(
        resources=resources,
        functions=functions,
        configs=tuple(_config(each, by_arn) for each in kinds["AWS::Lambda::EventInvokeConfig"]),
        roles=roles,
        stores=stores,
        keys=keys,
        rules=rules,
        subscriptions=subscriptions,
        callers=tuple(callers_of(kinds, rules, subscriptions)),
        bus_policies=policies.of_buses(),
        by_arn=by_arn,
    )


def _all(resolved: Resolved) -> Iterator[Resource]:
    yield from resolved.resources.values()
    for each in resolved.nested.values():
        yield from _all(each)


def _at(resource: Resource, *path: str | int) -> PropertyPath:
    return ("Resources", resource.logical_id, "Properties", *path)


def _qualifiers(kinds: dict[str, list[Resource]]) -> dict[str, list[Qualifier]]:
    found: dict[str, list[Qualifier]] = defaultdict(list)
    for kind in ("AWS::Lambda::Version", "AWS::Lambda::Alias"):
        for each in kinds[kind]:
            arn = each.arn or ""
            routed = [text(member(each.properties, "FunctionVersion"))]
            weights = items(member(each.properties, "RoutingConfig", "AdditionalVersionWeights"))
            routed += [text(member(weight, "FunctionVersion")) for weight in weights]
            versions = tuple(version for version in routed if version) if kind.endswith("Alias") else ()
            whole = ":".join(arn.split(":")[:7])
            found[whole].append(Qualifier(name=arn.rpartition(":")[2], arn=arn, resource=each, versions=versions))
    return found


def _function(
    each: Resource, roles: dict[str, Role], qualifiers: dict[str, list[Qualifier]], policies: Policies
) -> Function:
    arn, role_arn = each.arn or "", text(each.properties.get("Role"))
    return Function(
        resource=each,
        arn=arn,
        name=each.physical_id,
        role_arn=role_arn,
        role=roles.get(role_arn),
        qualifiers=(Qualifier(name="$LATEST", arn=f"{arn}:$LATEST"), *qualifiers[arn]),
        permissions=policies.permissions(arn),
        dead_letter_arn=text(member(each.properties, "DeadLetterConfig", "TargetArn")) or None,
        dead_letter_path=_at(each, "DeadLetterConfig", "TargetArn"),
        key_arn=text(each.properties.get("KmsKeyArn")) or None,
    )


def _config(each: Resource, by_arn: dict[str, Any]) -> InvokeConfig:
    arn = named_arn(text(each.properties.get("FunctionName")), place_of(each))
    parts = arn.split(":")
    qualifier = text(each.properties.get("Qualifier")) or (parts[7] if len(parts) > 7 else "$LATEST")
    whole = ":".join(parts[:7])
    function = by_arn.get(whole)
    destinations = [
        Destination(on=on, arn=text(arn), path=_at(each, "DestinationConfig", on, "Destination"))
        for on in ("OnSuccess", "OnFailure")
        if (arn := member(each.properties, "DestinationConfig", on, "Destination")) not in (None, "")
    ]
    return InvokeConfig(
        resource=each,
        function_arn=whole,
        function=function if isinstance(function, Function) else None,
        qualifier=qualifier,
        destinations=tuple(destinations),
        maximum_age=each.properties.get("MaximumEventAgeInSeconds"),
        maximum_retries=each.properties.get("MaximumRetryAttempts"),
    )


def _store(each: Resource, policies: Policies) -> Store:
    service, keys, fifo = _STORES[each.type]
    key = next((text(each.properties[name]) for name in keys if each.properties.get(name)), None)
    if service == "s3":
        rules = items(member(each.properties, "BucketEncryption", "ServerSideEncryptionConfiguration"))
        default = [member(rule, "ServerSideEncryptionByDefault") for rule in rules]
        key = next((text(one["KMSMasterKeyID"]) for one in default if member(one, "KMSMasterKeyID")), None)
    redrive = member(each.properties, "RedrivePolicy", "deadLetterTargetArn") if service == "sqs" else None
    return Store(
        service=service,
        resource=each,
        arn=each.arn or "",
        policies=policies.of_store(service, each),
        key=key,
        fifo=(bool(fifo) and truth(each.properties.get(fifo))) or (each.arn or "").endswith(".fifo"),
        dead_letter_arn=text(redrive) or None,
    )


def _key(each: Resource, kinds: dict[str, list[Resource]]) -> Key:
    names = [
        text(alias.properties.get("AliasName"))
        for alias in kinds["AWS::KMS::Alias"]
        if text(alias.properties.get("TargetKeyId")) in (each.arn, each.physical_id)
    ]
    return Key(
        resource=each,
        arn=each.arn or "",
        policy=Policy(resource=each, path=_at(each, "KeyPolicy"), document=each.properties.get("KeyPolicy")),
        aliases=tuple(names),
        enabled=truth(each.properties.get("Enabled", True)),
    )


def _rule(each: Resource) -> Rule:
    targets = [
        Target(
            id=text(member(target, "Id")),
            arn=text(member(target, "Arn")),
            path=_at(each, "Targets", index),
            properties=target if isinstance(target, dict) else {},
            role_arn=text(member(target, "RoleArn")) or None,
            dead_letter_arn=text(member(target, "DeadLetterConfig", "Arn")) or None,
        )
        for index, target in enumerate(items(each.properties.get("Targets")))
    ]
    return Rule(
        resource=each,
        arn=each.arn or "",
        bus_arn=bus_arn(text(each.properties.get("EventBusName")), place_of(each)),
        pattern=each.properties.get("EventPattern"),
        enabled=text(each.properties.get("State")) != "DISABLED",
        targets=tuple(targets),
    )


def _subscriptions(kinds: dict[str, list[Resource]]) -> Iterator[Subscription]:
    for each in kinds["AWS::SNS::Subscription"]:
        yield _subscription(each, text(each.properties.get("TopicArn")), each.properties)
    for each in kinds["AWS::SNS::Topic"]:
        for one in items(each.properties.get("Subscription")):
            yield _subscription(each, each.arn or "", one if isinstance(one, dict) else {})


def _subscription(each: Resource, topic: str, properties: dict[str, Any]) -> Subscription:
    return Subscription(
        resource=each,
        topic_arn=topic,
        protocol=text(properties.get("Protocol")),
        endpoint=text(properties.get("Endpoint")),
        raw=truth(properties.get("RawMessageDelivery")),
        filter_policy=properties.get("FilterPolicy"),
        dead_letter_arn=text(member(properties, "RedrivePolicy", "deadLetterTargetArn")) or None,
    )
