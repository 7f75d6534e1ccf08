"""Plausible names and ARNs: the values of references to resources that are not deployed yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._place import Place, function_arn, unique, uuid
from ._unknown import UNKNOWN


@dataclass(frozen=True, slots=True)
class Identity:
    """The values of references to a resource.

    :ivar ref: the value of `Ref`
    :ivar attributes: the values of `Fn::GetAtt`, by attribute
    """

    ref: str
    arn: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    def attribute(self, name: str) -> Any:
        """Return an attribute, UNKNOWN if it is known only after the deployment."""
        return self.attributes.get(name, UNKNOWN)


# By type: the property that has the name, the value of Ref, the ARN and the attributes. CloudFormation makes a name of
# its own as STACK-LOGICALID-RANDOM.
_ARN = "arn:{partition}:{service}:{region}:{account}:"
_KINDS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "AWS::ApiGateway::RestApi": (
        "", "{id}", "arn:{partition}:apigateway:{region}::/restapis/{id}", {"RestApiId": "{id}"},
    ),
    "AWS::ApiGatewayV2::Api": ("", "{id}", "arn:{partition}:apigateway:{region}::/apis/{id}", {"ApiId": "{id}"}),
    "AWS::DynamoDB::Table": (
        "TableName", "{name}", _ARN + "table/{name}", {"Arn": "{arn}", "StreamArn": "{arn}/stream/1"},
    ),
    "AWS::Events::EventBus": ("Name", "{name}", _ARN + "event-bus/{name}", {"Arn": "{arn}", "Name": "{name}"}),
    "AWS::IAM::Group": ("GroupName", "{name}", "arn:{partition}:iam::{account}:group{path}{name}", {"Arn": "{arn}"}),
    "AWS::IAM::ManagedPolicy": (
        "ManagedPolicyName", "{arn}", "arn:{partition}:iam::{account}:policy{path}{name}", {"PolicyArn": "{arn}"},
    ),
    "AWS::IAM::Role": (
        "RoleName", "{name}", "arn:{partition}:iam::{account}:role{path}{name}", {"Arn": "{arn}", "RoleId": "AROA{id}"},
    ),
    "AWS::IAM::User": ("UserName", "{name}", "arn:{partition}:iam::{account}:user{path}{name}", {"Arn": "{arn}"}),
    "AWS::KMS::Key": ("", "{uuid}", _ARN + "key/{uuid}", {"Arn": "{arn}", "KeyId": "{uuid}"}),
    "AWS::KMS::ReplicaKey": ("", "{uuid}", _ARN + "key/{uuid}", {"Arn": "{arn}", "KeyId": "{uuid}"}),
    "AWS::Kinesis::Stream": ("Name", "{name}", _ARN + "stream/{name}", {"Arn": "{arn}"}),
    "AWS::KinesisFirehose::DeliveryStream": (
        "DeliveryStreamName", "{name}", "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
        {"Arn": "{arn}"},
    ),
    "AWS::Lambda::Function": ("FunctionName", "{name}", _ARN + "function:{name}", {"Arn": "{arn}"}),
    "AWS::Lambda::LayerVersion": ("LayerName", "{arn}", _ARN + "layer:{name}:1", {"LayerVersionArn": "{arn}"}),
    "AWS::Logs::LogGroup": ("LogGroupName", "{name}", _ARN + "log-group:{name}", {"Arn": "{arn}:*"}),
    "AWS::S3::Bucket": ("BucketName", "{name}", "arn:{partition}:s3:::{name}", {"Arn": "{arn}"}),
    "AWS::SNS::Topic": ("TopicName", "{arn}", _ARN + "{name}", {"TopicArn": "{arn}", "TopicName": "{name}"}),
    "AWS::SQS::Queue": (
        "QueueName", "https://sqs.{region}.{suffix}/{account}/{name}", _ARN + "{name}",
        {"Arn": "{arn}", "QueueName": "{name}", "QueueUrl": "https://sqs.{region}.{suffix}/{account}/{name}"},
    ),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName", "{arn}", "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
        {"Arn": "{arn}", "Name": "{name}"},
    ),
}  # fmt: skip


def identify(kind: str, logical_id: str, properties: Callable[[str], Any], place: Place) -> Identity:
    """Return the plausible identity of a resource.

    :param kind: the type of the resource
    :param properties: returns the value of a property by its name, None if it is absent
    """
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(logical_id, properties, place)
    if kind not in _KINDS:
        return Identity(UNKNOWN)
    return _plain(kind, logical_id, properties, place)


def _words(kind: str, logical_id: str, name: Any, place: Place) -> dict[str, str]:
    own = unique(place, logical_id)
    if not isinstance(name, str) or not name:
        name = f"{place.stack}-{logical_id}"[: 64 - 13] + f"-{own}"
        name = name.lower() if kind == "AWS::S3::Bucket" else name
    elif kind == "AWS::Lambda::Function" and name.startswith("arn:"):
        name = name.split(":")[6] if name.count(":") >= 6 else name
    service = kind.split("::")[1]
    return {
        "name": name,
        "id": own[:10].lower(),
        "uuid": uuid(own),
        "service": service.lower(),
        "region": place.region,
        "account": place.account,
        "partition": place.partition,
        "suffix": place.suffix,
    }


def _plain(kind: str, logical_id: str, properties: Callable[[str], Any], place: Place) -> Identity:
    named, ref, arn, attributes = _KINDS[kind]
    words = _words(kind, logical_id, properties(named) if named else None, place)
    path = properties("Path") if kind.startswith("AWS::IAM::") else None
    words["path"] = path if isinstance(path, str) else "/"
    words["arn"] = arn.format(**words)
    return Identity(ref.format(**words), words["arn"], {key: each.format(**words) for key, each in attributes.items()})


def _fifo_too(kind: str, fifo: str) -> Callable[[str, Callable[[str], Any], Place], Identity]:
    def identity(logical_id: str, properties: Callable[[str], Any], place: Place) -> Identity:
        def with_suffix(name: str) -> Any:
            value = properties(name)
            if value is None and str(properties(fifo)).lower() == "true":
                return f"{place.stack}-{logical_id}-{unique(place, logical_id)}.fifo"
            return value

        return _plain(kind, logical_id, with_suffix, place)

    return identity


def _version(logical_id: str, properties: Callable[[str], Any], place: Place) -> Identity:
    arn = function_arn(str(properties("FunctionName") or UNKNOWN), place)
    number = str(1 + int(unique(place, logical_id)[:4], 16))  # any number, but always the same one
    return Identity(f"{arn}:{number}", f"{arn}:{number}", {"Version": number, "FunctionArn": f"{arn}:{number}"})


def _alias(_: str, properties: Callable[[str], Any], place: Place) -> Identity:
    arn = f"{function_arn(str(properties('FunctionName') or UNKNOWN), place)}:{properties('Name') or UNKNOWN}"
    return Identity(arn, arn, {"AliasArn": arn})


def _rule(logical_id: str, properties: Callable[[str], Any], place: Place) -> Identity:
    words = _words("AWS::Events::Rule", logical_id, properties("Name"), place)
    bus = properties("EventBusName")
    bus = bus.rpartition("/")[2] if isinstance(bus, str) else "default"
    within = "" if bus == "default" else f"{bus}/"
    arn = f"arn:{place.partition}:events:{place.region}:{place.account}:rule/{within}{words['name']}"
    return Identity(words["name"] if not within else f"{bus}|{words['name']}", arn, {"Arn": arn})


def _key_alias(_: str, properties: Callable[[str], Any], place: Place) -> Identity:
    name = str(properties("AliasName") or UNKNOWN)
    return Identity(name, f"arn:{place.partition}:kms:{place.region}:{place.account}:{name}")


def _named(name: str) -> Callable[[str, Callable[[str], Any], Place], Identity]:
    return lambda _, properties, __: Identity(str(properties(name) or UNKNOWN))


_SPECIAL: dict[str, Callable[[str, Callable[[str], Any], Place], Identity]] = {
    "AWS::Events::Rule": _rule,
    "AWS::IAM::Policy": _named("PolicyName"),
    "AWS::KMS::Alias": _key_alias,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::Version": _version,
    "AWS::SNS::Topic": _fifo_too("AWS::SNS::Topic", "FifoTopic"),
    "AWS::SQS::Queue": _fifo_too("AWS::SQS::Queue", "FifoQueue"),
    "AWS::SSM::Parameter": _named("Name"),
}
