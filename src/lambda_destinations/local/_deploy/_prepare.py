"""A resolved template made ready for the engine: code uploaded, what cannot be deployed left out."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ...template import Resolved
from ._code import Packer
from ._forgotten import taken_out
from ._functions import Packages
from ._undeployable import leave_out

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


def prepare(
    stack: Resolved, place: Place, refused: Mapping[str, str], values: Mapping[tuple[str, str], str]
) -> Prepared:
    """Make the template of a stack ready.

    :param refused: types that the engine lacks and logical ids that it refuses, each with the reason
    :param values: attributes of custom resources that are known, by logical id and attribute
    :raises DeployError: if a value that the flow needs is not known
    """
    template = copy.deepcopy(stack.template)
    if values:
        template = _with_values(template, values)
    packages = Packages(packer=place.packer, bucket=place.bucket)
    unpacked = copy.deepcopy(template["Resources"])
    _pack(stack, template, packages, unpacked)
    notes = leave_out(stack, template, {**refused, **_without_template(stack)})
    ready = Prepared(stack=stack, template=template, complete=dict(template), packages=packages, notes=notes)
    for logical_id, resource in template["Resources"].items():
        for name in _NOT_HERE:
            resource.pop(name, None)
        if logical_id in stack.nested:
            _nest(ready, place, logical_id, refused)
    template["Resources"] = {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if not taken_out(resource["Type"], _source(stack, logical_id))
    }
    return ready


def _pack(stack: Resolved, template: dict[str, Any], packages: Packages, unpacked: Mapping[str, Any]) -> None:
    for logical_id, resource in template["Resources"].items():
        properties = resource.setdefault("Properties", {})
        if resource["Type"] == "AWS::Lambda::Function":
            packages.pack_function(stack, logical_id, properties, unpacked)
        elif resource["Type"] == "AWS::Lambda::LayerVersion":
            packages.pack_layer(stack, logical_id, properties)


def _source(stack: Resolved, logical_id: str) -> object:
    judged = stack.resources.get(logical_id)
    return judged.properties.get("EventSourceArn") if judged is not None else None


def _without_template(stack: Resolved) -> dict[str, str]:
    return {
        logical_id: "its template is not in the assembly; give all that cdk synth wrote"
        for logical_id, resource in stack.template["Resources"].items()
        if resource["Type"] == "AWS::CloudFormation::Stack" and logical_id not in stack.nested
    }


def _nest(ready: Prepared, place: Place, logical_id: str, refused: Mapping[str, str]) -> None:
    inner = prepare(ready.stack.nested[logical_id], place, refused, {})
    ready.nested[logical_id] = inner
    body = json.dumps(inner.template).encode()
    key = f"{sha256(body).hexdigest()}.template.json"
    ready.packages.objects[key] = body
    properties = ready.template["Resources"][logical_id]["Properties"]
    properties["TemplateURL"] = f"{place.bucket_url}/{key}"
    wanted = inner.template.get("Parameters") or {}
    given = properties.pop("Parameters", None) or {}
    properties["Parameters"] = {name: value for name, value in given.items() if name in wanted}


def _with_values(value: Any, known: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(value, list):
        return [_with_values(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    attribute = value.get("Fn::GetAtt")
    if attribute is not None and len(value) == 1:
        name, _, rest = (attribute if isinstance(attribute, str) else ".".join(map(str, attribute))).partition(".")
        if (name, rest) in known:
            return known[name, rest]
    return {key: _with_values(each, known) for key, each in value.items()}
