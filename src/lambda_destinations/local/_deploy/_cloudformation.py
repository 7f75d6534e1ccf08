"""The calls to the engine's CloudFormation and S3 that a deployment makes."""

import contextlib
import json
import time
from typing import Any

from ...errors import DeployError, LambdaDestinationsError
from .._clients import ClientError
from .._engine import INLINE_TEMPLATE_BYTES
from .._environment import Environment

_DEPLOY_SECONDS = 300


class RolledBack(Exception):
    """A stack was rolled back. `reasons` are by logical id; "" is the stack itself."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


def upload(env: Environment, bucket: str, objects: dict[str, bytes]) -> None:
    """Put objects into the bucket for code, unless they are already there."""
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
    for key in objects.keys() - env.uploaded:
        s3.put_object(Bucket=bucket, Key=key, Body=objects[key])
        env.uploaded.add(key)


def create_stack(env: Environment, name: str, template: dict[str, Any], bucket: str) -> None:
    """Create a stack and wait for it; raises ClientError if it is refused, RolledBack if it fails."""
    body = json.dumps(template)
    if len(body.encode()) > INLINE_TEMPLATE_BYTES:
        key = f"{name}.template.json"
        env.clients["s3"].put_object(Bucket=bucket, Key=key, Body=body.encode())
        where = {"TemplateURL": f"{env.clients.endpoint_url}/{bucket}/{key}"}
    else:
        where = {"TemplateBody": body}
    env.clients["cloudformation"].create_stack(
        StackName=name, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"], **where
    )
    try:
        _await_stack(name, env)
    except BaseException:
        with contextlib.suppress(ClientError, LambdaDestinationsError):
            delete_stack(env.clients["cloudformation"], name)
        raise


def _await_stack(name: str, env: Environment) -> None:
    cloudformation, deadline = env.clients["cloudformation"], time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            return
        if not status.endswith("IN_PROGRESS"):
            raise RolledBack(_reasons(cloudformation, name))
        time.sleep(0.01)
    raise DeployError(f"stack {name} was not deployed within {_DEPLOY_SECONDS} s; deploy fewer resources at once")


def _reasons(cloudformation: Any, name: str) -> dict[str, str]:
    """Why a stack failed, by logical id. For a failed nested stack these are the reasons of its own resources."""
    found: dict[str, str] = {}
    for each in reversed(cloudformation.describe_stack_events(StackName=name)["StackEvents"]):
        if not each["ResourceStatus"].endswith("_FAILED") or not each.get("ResourceStatusReason"):
            continue
        own = name in {each["LogicalResourceId"], each["PhysicalResourceId"]}
        if each["ResourceType"] == "AWS::CloudFormation::Stack" and not own:
            inner = _reasons_of_nested(cloudformation, each["PhysicalResourceId"])
            if inner:
                found |= inner
                continue
        found.setdefault("" if own else each["LogicalResourceId"], " ".join(each["ResourceStatusReason"].split()))
    if len(found) > 1:
        found.pop("", None)  # the reason of the stack repeats those of its resources
    return found or {"": "no reason was given"}


def _reasons_of_nested(cloudformation: Any, stack_id: str) -> dict[str, str]:
    try:
        found = _reasons(cloudformation, stack_id)
    except ClientError:
        return {}  # it is gone already
    return {each: why for each, why in found.items() if each}


def list_resources(env: Environment, name: str) -> list[dict[str, Any]]:
    """The summaries of the resources of a stack."""
    pages = env.clients["cloudformation"].get_paginator("list_stack_resources").paginate(StackName=name)
    return [each for page in pages for each in page["StackResourceSummaries"]]


def delete_stack(cloudformation: Any, name: str) -> None:
    """Delete a stack and wait for it; raises DeployError if it stays."""
    cloudformation.delete_stack(StackName=name)
    deadline = time.monotonic() + _DEPLOY_SECONDS
    status = "DELETE_IN_PROGRESS"
    while status != "DELETE_COMPLETE":
        try:
            status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except ClientError:
            return  # a deleted stack cannot be described
        if status == "DELETE_FAILED" or time.monotonic() > deadline:
            reasons = "; ".join(_reasons(cloudformation, name).values())
            raise DeployError(f"stack {name} could not be deleted: {reasons}; close the engine")
        time.sleep(0.005)


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket and the objects in it."""
    empty_bucket(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


def empty_bucket(s3: Any, bucket: str) -> None:
    """Delete all objects in a bucket, in all versions."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
