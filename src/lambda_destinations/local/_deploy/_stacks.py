"""Stacks into the engine and out of it again."""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from ...errors import DeployError
from .._clients import ClientError
from .._environment import Environment
from ._assembly import Stack
from ._code import Packer
from ._prepare import Place, Prepared, prepare
from ._resource import Resource, resource_of, restore

_INLINE_LIMIT = 51_200  # bytes of a TemplateBody
_DEPLOY_SECONDS = 300
_UNRECOGNIZED = re.compile(r"Unrecognized resource types: \[(.+?)\]")


@dataclass(kw_only=True, slots=True)
class DeployedStack:
    """A stack that is in the engine, with those nested in it.

    `refusals` and `wrapped` are by function name: why one must not be run, and which run on our runtimes.
    """

    name: str
    env: Environment
    resources: list[Resource]
    notes: list[str]
    refusals: dict[str, str]
    wrapped: set[str]


def deploy_stack(stack: Stack, env: Environment, packer: Packer, parameters: dict[str, str]) -> DeployedStack:
    """Deploy a stack, without the resource types that the engine does not have. Raises DeployError."""
    clients = env.clients
    bucket = f"lambda-destinations-code-{clients.account}-{clients.region}"
    place = Place(packer=packer, bucket=bucket, bucket_url=f"{clients.endpoint_url}/{bucket}")
    unsupported: set[str] = set()
    while True:
        ready = prepare(stack, place, parameters, unsupported)
        _upload(env, bucket, ready)
        try:
            _create(stack, env, place, ready)
            _await_stack(stack, env)
        except (ClientError, DeployError) as error:
            new = _unrecognized(error) - unsupported
            if new:
                unsupported |= new
                continue
            if isinstance(error, DeployError):
                raise
            message = error.response["Error"]["Message"]
            raise DeployError(
                f"stack {stack.name} was refused: {message}; mend it, or close the app that has it"
            ) from None
        deployed = DeployedStack(name=stack.name, env=env, resources=[], notes=ready.notes, refusals={}, wrapped=set())
        _collect(deployed, stack, ready, stack.name)
        return deployed


def _unrecognized(error: Exception) -> set[str]:
    """The resource types that the engine does not have, where it refuses a template for them."""
    found = _UNRECOGNIZED.search(str(error))
    return set(found.group(1).split(", ")) if found else set()


def _collect(deployed: DeployedStack, stack: Stack, ready: Prepared, name: str) -> None:
    """Add to a deployed stack what it, or one nested in it, consists of."""
    env = deployed.env
    resources = [resource_of(stack, env, each) for each in _list_resources(env, name)]
    described = env.clients["cloudformation"].describe_stacks(StackName=name)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    restore(env, resources, {ready.forgotten[each]: outputs[each] for each in ready.forgotten if each in outputs})
    deployed.resources += resources
    for resource in resources:
        if resource.logical_id in ready.refusals:
            deployed.refusals[resource.physical_id] = ready.refusals[resource.logical_id]
        elif resource.logical_id in ready.wrapped:
            deployed.wrapped.add(resource.physical_id)
        if resource.logical_id in ready.nested:
            _collect(deployed, *ready.nested[resource.logical_id], resource.physical_id)


def delete_stack(stack: DeployedStack) -> None:
    """Delete a stack and whatever its buckets hold."""
    clients = stack.env.clients
    for resource in stack.resources:
        if resource.type == "AWS::S3::Bucket":
            _empty(clients["s3"], resource.physical_id)
    _delete(clients["cloudformation"], stack.name)


def _delete(cloudformation: Any, name: str) -> None:
    cloudformation.delete_stack(StackName=name)
    deadline = time.monotonic() + _DEPLOY_SECONDS
    status = "DELETE_IN_PROGRESS"
    while status != "DELETE_COMPLETE":
        try:
            status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except ClientError:
            return  # a deleted stack cannot be described
        if status == "DELETE_FAILED" or time.monotonic() > deadline:
            raise DeployError(f"stack {name} could not be deleted: {_reasons(cloudformation, name)}; close the engine")
        time.sleep(0.005)


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


def _create(stack: Stack, env: Environment, place: Place, ready: Prepared) -> None:
    body = json.dumps(ready.template)
    if len(body.encode()) > _INLINE_LIMIT:
        key = f"{stack.name}.template.json"
        env.clients["s3"].put_object(Bucket=place.bucket, Key=key, Body=body.encode())
        where = {"TemplateURL": f"{place.bucket_url}/{key}"}
    else:
        where = {"TemplateBody": body}
    env.clients["cloudformation"].create_stack(
        StackName=stack.name,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in ready.parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        **where,
    )


def _await_stack(stack: Stack, env: Environment) -> None:
    cloudformation, deadline = env.clients["cloudformation"], time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            return
        if not status.endswith("IN_PROGRESS"):
            reasons = _reasons(cloudformation, stack.name)
            _delete(cloudformation, stack.name)
            raise DeployError(f"stack {stack.name} was rolled back: {reasons}; mend it and deploy again")
        time.sleep(0.01)
    raise DeployError(f"stack {stack.name} was not deployed within {_DEPLOY_SECONDS} s; deploy less of it")


def _reasons(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
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
