"""Prepare a resolved template for the engine: pack its code, and leave out what cannot be deployed."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ...template import Resolved
from ._code import Packer
from ._denials import without_denials
from ._exports import Exported
from ._forgotten import taken_out
from ._functions import Packages
from ._undeployable import leave_out

# The engine makes these names only from stack and logical id, but they must differ between regions.
_NAMED_ACROSS_REGIONS = {
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::S3::Bucket": ("BucketName", 63),
}
_NOT_HERE = ("CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")  # nothing is kept


@dataclass(kw_only=True, slots=True)
class Prepared:
    """A template to deploy, the objects that it needs in the bucket, and notes.

    :ivar complete: the template with the resources that are put in place after the deployment
    """

    stack: Resolved
    template: dict[str, Any]
    complete: dict[str, Any]
    packages: Packages
    notes: list[str]
    nested: "dict[str, Prepared]" = field(default_factory=dict)

    @property
    def objects(self) -> dict[str, bytes]:
        """All objects for the bucket, also those of nested stacks."""
        found = dict(self.packages.objects)
        for each in self.nested.values():
            found |= each.objects
        return found

    @property
    def all_notes(self) -> list[str]:
        """All notes, also those of nested stacks."""
        return [*self.notes, *self.packages.notes, *(note for each in self.nested.values() for note in each.all_notes)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The packer for the code of a template, and the bucket for its objects."""

    packer: Packer
    bucket: str
    bucket_url: str


def prepare(stack: Resolved, place: Place, refused: Mapping[str, str], exported: Exported) -> Prepared:
    """Prepare the template of a stack.

    :param refused: types that the engine does not have and logical ids that it refuses, each with the reason
    :param exported: the values of the stacks that are already deployed
    :raises DeployError: if a value that the flow needs is not known
    """
    template = exported.filled(stack, copy.deepcopy(stack.template))
    packages = Packages(packer=place.packer, bucket=place.bucket)
    unpacked = copy.deepcopy(template["Resources"])
    _pack(stack, template, packages, unpacked)
    notes = leave_out(stack, template, {**refused, **_without_template(stack)})
    ready = Prepared(stack=stack, template=template, complete=dict(template), packages=packages, notes=notes)
    for logical_id, resource in template["Resources"].items():
        for name in _NOT_HERE:
            resource.pop(name, None)
        _name(stack, logical_id, resource)
        if logical_id in stack.nested:
            _nest(ready, place, logical_id, refused, exported)
    template["Resources"] = {
        logical_id: without_denials(resource)
        for logical_id, resource in template["Resources"].items()
        if not taken_out(resource["Type"], _judged(stack, logical_id), stack.region, stack.account)
    }
    return ready


def _pack(stack: Resolved, template: dict[str, Any], packages: Packages, unpacked: Mapping[str, Any]) -> None:
    for logical_id, resource in template["Resources"].items():
        properties = resource.setdefault("Properties", {})
        if resource["Type"] == "AWS::Lambda::Function":
            packages.pack_function(stack, logical_id, properties, unpacked)
        elif resource["Type"] == "AWS::Lambda::LayerVersion":
            packages.pack_layer(stack, logical_id, properties)


def _name(stack: Resolved, logical_id: str, resource: dict[str, Any]) -> None:
    if resource["Type"] in _NAMED_ACROSS_REGIONS:
        name, longest = _NAMED_ACROSS_REGIONS[resource["Type"]]
        if not resource["Properties"].get(name):
            where = "/".join((stack.account, stack.region, stack.stack.path_of(logical_id)))
            suffix = sha256(where.encode()).hexdigest()[:12]
            made = f"{stack.stack.name[: longest // 3]}-{logical_id[: longest // 3]}-{suffix}"
            resource["Properties"][name] = made.lower() if name == "BucketName" else made


def _judged(stack: Resolved, logical_id: str) -> Mapping[str, Any]:
    judged = stack.resources.get(logical_id)
    return judged.properties if judged is not None else {}


def _without_template(stack: Resolved) -> dict[str, str]:
    return {
        logical_id: "its template is not in the assembly; give the whole folder that cdk synth wrote"
        for logical_id, resource in stack.template["Resources"].items()
        if resource["Type"] == "AWS::CloudFormation::Stack" and logical_id not in stack.nested
    }


def _nest(ready: Prepared, place: Place, logical_id: str, refused: Mapping[str, str], exported: Exported) -> None:
    inner = prepare(ready.stack.nested[logical_id], place, refused, exported)
    ready.nested[logical_id] = inner
    body = json.dumps(inner.template).encode()
    key = f"{sha256(body).hexdigest()}.template.json"
    ready.packages.objects[key] = body
    properties = ready.template["Resources"][logical_id]["Properties"]
    properties["TemplateURL"] = f"{place.bucket_url}/{key}"
    wanted = inner.template.get("Parameters") or {}
    given = properties.pop("Parameters", None) or {}
    properties["Parameters"] = {name: value for name, value in given.items() if name in wanted}
