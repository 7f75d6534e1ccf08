"""A resolved template made ready for the engine: code uploaded, what cannot be deployed left out."""

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

# The engine makes the names of these from stack and logical id alone, but they are one set for all regions.
_NAMED_ACROSS_REGIONS = {
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::S3::Bucket": ("BucketName", 63),
}
_NOT_HERE = ("CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")  # nothing outlives the app


@dataclass(kw_only=True, slots=True)
class Prepared:
    """A template to deploy, the objects that it needs in the bucket, and what had to be said about it.

    `complete` is the template with what is put in place only after the deployment.
    """

    stack: Resolved
    template: dict[str, Any]
    complete: dict[str, Any]
    packages: Packages
    notes: list[str]
    nested: "dict[str, Prepared]" = field(default_factory=dict)

    @property
    def objects(self) -> dict[str, bytes]:
        """All that has to be in the bucket, that of nested stacks too."""
        found = dict(self.packages.objects)
        for each in self.nested.values():
            found |= each.objects
        return found

    @property
    def all_notes(self) -> list[str]:
        """What had to be said, of nested stacks too."""
        return [*self.notes, *self.packages.notes, *(note for each in self.nested.values() for note in each.all_notes)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where what a template needs is put: the packer of its code, and the bucket with its URL."""

    packer: Packer
    bucket: str
    bucket_url: str


def prepare(stack: Resolved, place: Place, refused: Mapping[str, str], exported: Exported) -> Prepared:
    """Make the template of a stack ready.

    :param refused: types that the engine lacks and logical ids that it refuses, each with the reason
    :param exported: what stacks that are deployed already hand over
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
        logical_id: "its template is not in the assembly; give all that cdk synth wrote"
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
