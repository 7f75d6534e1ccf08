"""Stacks into the engine and out of it again."""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from ..errors import DeployError
from ._assembly import Stack
from ._clients import ClientError
from ._code import Packer
from ._environment import Environment
from ._template import Prepared, prepare

_INLINE_LIMIT = 51_200  # bytes of a TemplateBody
_DEPLOY_SECONDS = 300
_UNRECOGNIZED = re.compile(r"Unrecognized resource types: \[(.+?)\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A deployed resource. `arn` is None for the types that no record can be sent to."""

    stack: str
    logical_id: str
    path: str
    type: str
    physical_id: str
    arn: str | None


@dataclass(kw_only=True, slots=True)
class DeployedStack:
    """A stack that is in the engine."""

    name: str
    env: Environment
    resources: list[Resource]
    notes: list[str]
    refusals: dict[str, str]
    wrapped: set[str]


def deploy_stack(stack: Stack, env: Environment, packer: Packer, parameters: dict[str, str]) -> DeployedStack:
    """Deploy a stack, without the resource types that the engine does not have. Raises DeployError."""
    bucket = f"lambda-destinations-code-{env.clients.account}-{env.clients.region}"
    unsupported: set[str] = set()
    while True:
        ready = prepare(stack, packer, bucket, parameters, unsupported)
        _upload(env, bucket, ready)
        try:
            _create(stack, env, bucket, ready)
            break
        except ClientError as error:
            message = error.response["Error"]["Message"]
            found = _UNRECOGNIZED.search(message)
            new = set(found.group(1).split(", ")) - unsupported if found else set()
            if not new:
                raise DeployError(
                    f"stack {stack.name} was refused: {message}; mend it, or close the app that has it"
                ) from None
            unsupported |= new
    outputs = _await_stack(stack, env)
    resources = [_resource(stack, env, each) for each in _list_resources(env, stack.name)]
    _restore(env, resources, {ready.forgotten[name]: outputs[name] for name in ready.forgotten if name in outputs})
    return DeployedStack(
        name=stack.name,
        env=env,
        resources=resources,
        notes=ready.notes,
        refusals=ready.refusals,
        wrapped=ready.wrapped,
    )


def delete_stack(stack: DeployedStack) -> None:
    """Delete a stack and whatever its buckets hold."""
    clients = stack.env.clients
    for resource in stack.resources:
        if resource.type == "AWS::S3::Bucket":
            _empty(clients["s3"], resource.physical_id)
    clients["cloudformation"].delete_stack(StackName=stack.name)
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        try:
            status = clients["cloudformation"].describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
        except ClientError:
            return  # a deleted stack cannot be described
        if status == "DELETE_COMPLETE":
            return
        if status == "DELETE_FAILED":
            raise DeployError(
                f"stack {stack.name} could not be deleted: {_reasons(clients, stack.name)}; close the engine"
            )
        time.sleep(0.01)
    raise DeployError(f"stack {stack.name} was not deleted within {_DEPLOY_SECONDS} s; close the engine")


def _upload(env: Environment, bucket: str, ready: Prepared) -> None:
    s3 = env.clients["s3"]
    if not env.uploaded:
        region = env.clients.region
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            s3.create_bucket(Bucket=bucket, **place)
        except ClientError as error:
            if "AlreadyOwned" not in error.response["Error"]["Code"]:
                raise
        env.uploaded.add(bucket)
    for key in ready.objects.keys() - env.uploaded:
        s3.put_object(Bucket=bucket, Key=key, Body=ready.objects[key])
        env.uploaded.add(key)


def _create(stack: Stack, env: Environment, bucket: str, ready: Prepared) -> None:
    for resource in ready.template["Resources"].values():
        resource.pop("DeletionPolicy", None)  # nothing outlives the app
        resource.pop("UpdateReplacePolicy", None)
    body = json.dumps(ready.template)
    if len(body.encode()) > _INLINE_LIMIT:
        key = f"{stack.name}.template.json"
        env.clients["s3"].put_object(Bucket=bucket, Key=key, Body=body.encode())
        where = {"TemplateURL": env.clients["s3"].generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})}
        where["TemplateURL"] = where["TemplateURL"].split("?")[0]
    else:
        where = {"TemplateBody": body}
    env.clients["cloudformation"].create_stack(
        StackName=stack.name,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in ready.parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        **where,
    )


def _restore(env: Environment, resources: list[Resource], forgotten: dict[tuple[str, str], str]) -> None:
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
        else:
            env.clients["lambda"].put_function_concurrency(
                FunctionName=resource.physical_id, ReservedConcurrentExecutions=int(value)
            )


def _await_stack(stack: Stack, env: Environment) -> dict[str, str]:
    cloudformation, deadline = env.clients["cloudformation"], time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        described = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
        status = described["StackStatus"]
        if status == "CREATE_COMPLETE":
            return {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
        if not status.endswith("IN_PROGRESS"):
            reasons = _reasons(env.clients, stack.name)
            cloudformation.delete_stack(StackName=stack.name)
            raise DeployError(f"stack {stack.name} was rolled back: {reasons}; mend it and deploy again")
        time.sleep(0.01)
    raise DeployError(f"stack {stack.name} was not deployed within {_DEPLOY_SECONDS} s; deploy less of it")


def _reasons(clients: Any, name: str) -> str:
    events = clients["cloudformation"].describe_stack_events(StackName=name)["StackEvents"]
    said = [
        f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
        for each in reversed(events)
        if each["ResourceStatus"].endswith("_FAILED") and each.get("ResourceStatusReason")
    ]
    return "; ".join(said) or "no reason was given"


def _list_resources(env: Environment, name: str) -> list[dict[str, Any]]:
    pages = env.clients["cloudformation"].get_paginator("list_stack_resources").paginate(StackName=name)
    return [each for page in pages for each in page["StackResourceSummaries"]]


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket and what it holds."""
    _empty(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def _resource(stack: Stack, env: Environment, summary: dict[str, Any]) -> Resource:
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
