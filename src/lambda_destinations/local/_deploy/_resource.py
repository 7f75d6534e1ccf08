"""A deployed resource, and what the engine forgot of it."""

from dataclasses import dataclass
from typing import Any

from .._environment import Environment
from ._assembly import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A deployed resource. `arn` is None for the types that no record can be sent to."""

    stack: str
    logical_id: str
    path: str
    type: str
    physical_id: str
    arn: str | None


def resource_of(stack: Stack, env: Environment, summary: dict[str, Any]) -> Resource:
    """The resource that CloudFormation sums up."""
    logical_id, kind, physical = summary["LogicalResourceId"], summary["ResourceType"], summary["PhysicalResourceId"]
    return Resource(
        stack=stack.name,
        logical_id=logical_id,
        path=stack.path_of(logical_id),
        type=kind,
        physical_id=physical,
        arn=_arn(kind, physical, env.clients.account, env.clients.region),
    )


def _arn(kind: str, physical: str, account: str, region: str) -> str | None:
    if physical.startswith("arn:"):
        return physical
    scope = f"{region}:{account}"
    if kind == "AWS::Events::Rule":
        return f"arn:aws:events:{scope}:rule/{physical.rpartition('|')[2]}"  # without its bus: see rule_key
    return {
        "AWS::Events::EventBus": f"arn:aws:events:{scope}:event-bus/{physical}",
        "AWS::IAM::Role": f"arn:aws:iam::{account}:role/{physical}",
        "AWS::Lambda::Function": f"arn:aws:lambda:{scope}:function:{physical}",
        "AWS::S3::Bucket": f"arn:aws:s3:::{physical}",
        "AWS::SQS::Queue": f"arn:aws:sqs:{scope}:{physical.rsplit('/', 1)[-1]}",
    }.get(kind)


def restore(env: Environment, resources: list[Resource], forgotten: dict[tuple[str, str], str]) -> None:
    """Put in place what the engine forgot of a resource."""
    by_id = {each.logical_id: each for each in resources}
    for (logical_id, name), value in forgotten.items():
        if logical_id not in by_id:
            continue  # its condition is false
        resource = by_id[logical_id]
        if name == "DeadLetterConfig":
            env.dead_letters[resource.physical_id] = value  # for its versions, too, which can no longer be changed
        elif name == "KmsMasterKeyId":
            env.clients["sns"].set_topic_attributes(
                TopicArn=resource.physical_id, AttributeName=name, AttributeValue=value
            )
        elif name == "BucketEncryption":
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": value}
            rules = [{"ApplyServerSideEncryptionByDefault": default}]
            env.clients["s3"].put_bucket_encryption(
                Bucket=resource.physical_id, ServerSideEncryptionConfiguration={"Rules": rules}
            )
        else:
            env.clients["lambda"].put_function_concurrency(
                FunctionName=resource.physical_id, ReservedConcurrentExecutions=int(value)
            )
