"""Stacks into the engine and out of it again."""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import DeployError, LambdaDestinationsError
from ...template import Resolved
from .._clients import ClientError
from .._engine._ministack import INLINE_TEMPLATE_BYTES, types_it_lacks
from .._environment import Environment
from ._code import Packer
from ._exports import Exported
from ._forgotten import put_in_place
from ._placed import Placed
from ._prepare import Place, Prepared, prepare
from ._resource import Resource, arn_of
from ._undeployable import FLOW_TYPES

_DEPLOY_SECONDS = 300


@dataclass(kw_only=True, slots=True)
class DeployedStack:
    """A stack that is in the engine, with those nested in it.

    `refusals` and `wrapped` are by function name: why one must not be run, and which run on our runtimes.
    """

    name: str
    env: Environment
    resources: list[Resource] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    wrapped: set[str] = field(default_factory=set)


class _Refused(Exception):
    """A stack that was rolled back: the reason by logical id, "" where it is not that of a resource."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


def deploy_stack(stack: Resolved, env: Environment, packer: Packer, exported: Exported) -> DeployedStack:
    """Deploy a stack, without what the engine lacks or refuses and the flow does not need.

    :raises DeployError: if it refuses something that the flow needs
    """
    clients, name = env.clients, stack.stack.name
    bucket = f"lambda-destinations-code-{clients.account}-{clients.region}"
    place = Place(packer=packer, bucket=bucket, bucket_url=f"{clients.endpoint_url}/{bucket}")
    refused: dict[str, str] = {}
    while True:
        ready = prepare(stack, place, refused, exported)
        _upload(env, bucket, ready)
        try:
            _create(name, env, place, ready)
            _await_stack(name, env)
        except (ClientError, _Refused) as error:
            new = _to_leave_out(error, ready) - refused.keys()
            if not new:
                raise _deploy_error(stack, error) from None
            reasons = error.reasons if isinstance(error, _Refused) else {}
            refused |= {each: reasons.get(each, "") for each in new}
            continue
        return _deployed(stack, env, ready, exported)


def _deployed(stack: Resolved, env: Environment, ready: Prepared, exported: Exported) -> DeployedStack:
    deployed = DeployedStack(name=stack.stack.name, env=env, notes=ready.all_notes)
    try:
        _collect(deployed, ready, deployed.name, {}, exported)
    except BaseException:
        with contextlib.suppress(ClientError, LambdaDestinationsError):
            delete_stack(deployed)
        raise
    return deployed


def _to_leave_out(error: "ClientError | _Refused", ready: Prepared) -> set[str]:
    """Types that the engine lacks, or resources that it refuses and the flow can do without."""
    if isinstance(error, ClientError):
        return set(types_it_lacks(str(error)))
    lacked = {kind for reason in error.reasons.values() for kind in types_it_lacks(reason)}
    return lacked or {
        each
        for each in error.reasons
        if each and _type_of(ready, each) not in {*FLOW_TYPES, "AWS::CloudFormation::Stack"}
    }


def _type_of(ready: Prepared, logical_id: str) -> str:
    """The type of a resource of a template or of one nested in it."""
    for each in (ready, *ready.nested.values()):
        if logical_id in each.template["Resources"]:
            return str(each.template["Resources"][logical_id]["Type"])
    found = (_type_of(each, logical_id) for inner in ready.nested.values() for each in inner.nested.values())
    return next(found, "AWS::CloudFormation::Stack")


def _deploy_error(stack: Resolved, error: "ClientError | _Refused") -> DeployError:
    name = stack.stack.name
    if isinstance(error, ClientError):
        message = " ".join(str(error.response["Error"].get("Message")).split())
        return DeployError(f"stack {name} was refused: {message}; correct it, or close the app that has it")
    said = [f"{stack.stack.path_of(each) if each else name}: {why}" for each, why in error.reasons.items()]
    return DeployError(f"stack {name} was rolled back: {'; '.join(said)}; correct it and deploy again")


def _collect(
    deployed: DeployedStack, ready: Prepared, name: str, parameters: Mapping[str, Any], exported: Exported
) -> Placed:
    """Add to a deployed stack what it, or one nested in it, consists of, and put in place what the engine forgot."""
    env, path_of = deployed.env, ready.stack.stack.path_of
    resources = {}
    for each in _list_resources(env, name):
        resource = _resource(ready, env, each)
        resources[resource.logical_id] = resource
    deployed.resources += resources.values()
    attributes: dict[tuple[str, str], str] = {}
    placed = Placed(resources=resources, parameters=parameters, attributes=attributes)
    for logical_id, resource in resources.items():
        if logical_id in ready.packages.refusals:
            deployed.refusals[resource.physical_id] = ready.packages.refusals[logical_id]
        elif logical_id in ready.packages.wrapped:
            deployed.wrapped.add(resource.physical_id)
        if logical_id in ready.nested:
            inner = ready.nested[logical_id]
            given = ready.template["Resources"][logical_id]["Properties"].get("Parameters") or {}
            within = _collect(deployed, inner, resource.physical_id, placed.value(given), exported)
            for output, written in (inner.template.get("Outputs") or {}).items():
                attributes[logical_id, f"Outputs.{output}"] = within.value(written["Value"])
    put_in_place(env, placed, ready.complete, path_of)
    exported.take(ready.stack, ready.template, placed)
    return placed


def _resource(ready: Prepared, env: Environment, summary: dict[str, Any]) -> Resource:
    logical_id, kind, physical = summary["LogicalResourceId"], summary["ResourceType"], summary["PhysicalResourceId"]
    path = str((ready.template["Resources"][logical_id].get("Properties") or {}).get("Path", "/"))
    name = f"{path.strip('/')}/{physical}".lstrip("/") if kind == "AWS::IAM::Role" else physical
    return Resource(
        stack=ready.stack.stack.name,
        logical_id=logical_id,
        path=ready.stack.stack.path_of(logical_id),
        type=kind,
        physical_id=physical,
        arn=arn_of(kind, name, env.clients.account, env.clients.region),
    )


def delete_stack(stack: DeployedStack) -> None:
    """Delete a stack and whatever its buckets hold."""
    clients = stack.env.clients
    for resource in stack.resources:
        if resource.type == "AWS::S3::Bucket":
            empty_bucket(clients["s3"], resource.physical_id)
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
            reasons = "; ".join(_reasons(cloudformation, name).values())
            raise DeployError(f"stack {name} could not be deleted: {reasons}; close the engine")
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
    objects = ready.objects
    for key in objects.keys() - env.uploaded:
        s3.put_object(Bucket=bucket, Key=key, Body=objects[key])
        env.uploaded.add(key)


def _create(name: str, env: Environment, place: Place, ready: Prepared) -> None:
    body = json.dumps(ready.template)
    if len(body.encode()) > INLINE_TEMPLATE_BYTES:
        key = f"{name}.template.json"
        env.clients["s3"].put_object(Bucket=place.bucket, Key=key, Body=body.encode())
        where = {"TemplateURL": f"{place.bucket_url}/{key}"}
    else:
        where = {"TemplateBody": body}
    env.clients["cloudformation"].create_stack(
        StackName=name, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"], **where
    )


def _await_stack(name: str, env: Environment) -> None:
    cloudformation, deadline = env.clients["cloudformation"], time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            return
        if not status.endswith("IN_PROGRESS"):
            reasons = _reasons(cloudformation, name)
            _delete(cloudformation, name)
            raise _Refused(reasons)
        time.sleep(0.01)
    raise DeployError(f"stack {name} was not deployed within {_DEPLOY_SECONDS} s; deploy less of it")


def _reasons(cloudformation: Any, name: str) -> dict[str, str]:
    """Why a stack failed, by logical id; a failed nested stack is asked itself."""
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
        found.pop("", None)  # that of the stack repeats those of its resources
    return found or {"": "no reason was given"}


def _reasons_of_nested(cloudformation: Any, stack_id: str) -> dict[str, str]:
    try:
        found = _reasons(cloudformation, stack_id)
    except ClientError:
        return {}  # it is gone already
    return {each: why for each, why in found.items() if each}


def _list_resources(env: Environment, name: str) -> list[dict[str, Any]]:
    pages = env.clients["cloudformation"].get_paginator("list_stack_resources").paginate(StackName=name)
    return [each for page in pages for each in page["StackResourceSummaries"]]


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket and what it holds."""
    empty_bucket(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


def empty_bucket(s3: Any, bucket: str) -> None:
    """Delete what a bucket holds."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
