"""Deploy stacks to the engine, and delete them."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import DeployError, LambdaDestinationsError
from ...template import Resolved
from .._clients import ClientError
from .._engine import types_it_lacks
from .._environment import Environment
from . import _cloudformation
from ._cloudformation import RolledBack
from ._code import Packer
from ._exports import Exported
from ._forgotten import Undo, put_in_place
from ._placed import Placed
from ._prepare import Place, Prepared, prepare
from ._resource import Resource, arn_of
from ._undeployable import FLOW_TYPES


@dataclass(kw_only=True, slots=True)
class DeployedStack:
    """A stack in the engine, with its nested stacks.

    :ivar refusals: why a function cannot run here, by its name
    :ivar wrapped: the names of the functions that run on our own runtimes
    :ivar undo: functions that undo what was put in place outside of this stack
    """

    name: str
    env: Environment
    resources: list[Resource] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    wrapped: set[str] = field(default_factory=set)
    undo: list[Undo] = field(default_factory=list)


def deploy_stack(
    stack: Resolved, environment_of: Callable[[str], Environment], packer: Packer, exported: Exported
) -> DeployedStack:
    """Deploy a stack. What the engine does not have or refuses is left out if the flow does not need it.

    :param environment_of: gives the environment of an ARN
    :raises DeployError: if the engine refuses something that the flow needs
    """
    env, name = environment_of(f"arn:aws:cloudformation:{stack.region}:{stack.account}:stack"), stack.stack.name
    clients = env.clients
    bucket = f"lambda-destinations-code-{clients.account}-{clients.region}"
    place = Place(packer=packer, bucket=bucket, bucket_url=f"{clients.endpoint_url}/{bucket}")
    refused: dict[str, str] = {}
    while True:
        with _well_formed(name):
            ready = prepare(stack, place, refused, exported)
        _cloudformation.upload(env, bucket, ready.objects)
        try:
            _cloudformation.create_stack(env, name, ready.template, bucket)
        except (ClientError, RolledBack) as error:
            new = _to_leave_out(error, ready) - refused.keys()
            if not new:
                raise _deploy_error(stack, error) from None
            reasons = error.reasons if isinstance(error, RolledBack) else {}
            refused |= {each: reasons.get(each, "") for each in new}
            continue
        return _Collected(env, environment_of, exported).deployed(ready)


@contextlib.contextmanager
def _well_formed(name: str) -> Iterator[None]:
    """Raise DeployError for a mistake in a template that AWS's schema does not find."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, LambdaDestinationsError):
            raise
        raise DeployError(
            f"the template of stack {name} is malformed ({type(error).__name__}: {error}); synthesize it again"
        ) from error


def _to_leave_out(error: "ClientError | RolledBack", ready: Prepared) -> set[str]:
    """Types that the engine does not have, or resources that it refuses and that the flow does not need."""
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


def _deploy_error(stack: Resolved, error: "ClientError | RolledBack") -> DeployError:
    name = stack.stack.name
    if isinstance(error, ClientError):
        message = " ".join(str(error.response["Error"].get("Message")).split())
        return DeployError(f"stack {name} was refused: {message}; correct it, or close the app that has it")
    said = [f"{stack.stack.path_of(each) if each else name}: {why}" for each, why in error.reasons.items()]
    return DeployError(f"stack {name} was rolled back: {'; '.join(said)}; correct it and deploy again")


@dataclass(frozen=True, slots=True)
class _Collected:
    """Reads the resources of a deployed stack, and puts in place what the engine forgot."""

    env: Environment
    environment_of: Callable[[str], Environment]
    exported: Exported

    def deployed(self, ready: Prepared) -> DeployedStack:
        stack = DeployedStack(name=ready.stack.stack.name, env=self.env, notes=ready.all_notes)
        try:
            with _well_formed(stack.name):
                self._collect(stack, ready, stack.name, {})
        except BaseException:
            with contextlib.suppress(ClientError, LambdaDestinationsError):
                delete_stack(stack)
            raise
        return stack

    def _collect(self, stack: DeployedStack, ready: Prepared, name: str, parameters: Mapping[str, Any]) -> Placed:
        summaries = _cloudformation.list_resources(self.env, name)
        resources = {each["LogicalResourceId"]: _resource(ready, self.env, each) for each in summaries}
        stack.resources += resources.values()
        attributes: dict[tuple[str, str], str] = {}
        placed = Placed(resources=resources, parameters=parameters, attributes=attributes)
        for logical_id, resource in resources.items():
            if logical_id in ready.packages.refusals:
                stack.refusals[resource.physical_id] = ready.packages.refusals[logical_id]
            elif logical_id in ready.packages.wrapped:
                stack.wrapped.add(resource.physical_id)
            elif logical_id in ready.nested:
                inner = ready.nested[logical_id]
                given = ready.template["Resources"][logical_id]["Properties"].get("Parameters") or {}
                within = self._collect(stack, inner, resource.physical_id, placed.value(given))
                for output, written in (inner.template.get("Outputs") or {}).items():
                    attributes[logical_id, f"Outputs.{output}"] = within.value(written["Value"])
        stack.undo += put_in_place(self.env, self.environment_of, placed, ready.complete, ready.stack.stack.path_of)
        self.exported.take(ready.stack, ready.template, placed)
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
    """Delete a stack and the objects in its buckets."""
    clients = stack.env.clients
    while stack.undo:
        stack.undo.pop()()
    for resource in stack.resources:
        if resource.type == "AWS::S3::Bucket":
            _cloudformation.empty_bucket(clients["s3"], resource.physical_id)
    _cloudformation.delete_stack(clients["cloudformation"], stack.name)
