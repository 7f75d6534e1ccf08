"""A synthesized template made ready for the engine: code uploaded, what the flow does not need left out."""

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...errors import DeployError
from ._assembly import Stack
from ._code import Packer
from ._omit import leave_out

# What ministack 1.5.33 forgets of a resource without a word: read from outputs, and put in place afterwards.
_FORGOTTEN: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("AWS::Lambda::Function", "DeadLetterConfig"): lambda value: value.get("TargetArn"),
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions"): lambda value: value,
    ("AWS::S3::Bucket", "BucketEncryption"): lambda value: (
        value["ServerSideEncryptionConfiguration"][0].get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
    ),
    ("AWS::SNS::Topic", "KmsMasterKeyId"): lambda value: value,
}


@dataclass(kw_only=True, slots=True)
class Prepared:
    """A template to deploy, the objects that it needs in the bucket, and what had to be said about it.

    `refusals` gives, by logical id, why a function must not be invoked here; `wrapped` are those that run on our
    runtimes. `forgotten` gives, by output, the logical id and the property whose value the output shows.
    """

    template: dict[str, Any]
    parameters: dict[str, str]
    objects: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    wrapped: set[str] = field(default_factory=set)
    forgotten: dict[str, tuple[str, str]] = field(default_factory=dict)
    nested: dict[str, "tuple[Stack, Prepared]"] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where what a template needs is put: the packer of its code, and the bucket with its URL."""

    packer: Packer
    bucket: str
    bucket_url: str


def prepare(stack: Stack, place: Place, parameters: dict[str, str], unsupported: Iterable[str]) -> Prepared:
    """Rewrite the template of a stack; types in `unsupported` are left out. Raises DeployError."""
    try:
        ready = _prepare(stack, place, unsupported)
        _settle_parameters(stack, ready, parameters)
    except (AttributeError, KeyError, TypeError) as error:
        raise DeployError(
            f"the template of stack {stack.name} is malformed ({type(error).__name__}: {error}); synthesize it again"
        ) from None
    return ready


def _prepare(stack: Stack, place: Place, unsupported: Iterable[str]) -> Prepared:
    template = copy.deepcopy(stack.template)
    ready = Prepared(template=template, parameters={})
    ready.notes += leave_out(stack, template, set(unsupported))
    functions = _Functions(stack, ready, place)
    for logical_id, resource in template["Resources"].items():
        # Nothing outlives the app.
        resource.pop("DeletionPolicy", None)
        resource.pop("UpdateReplacePolicy", None)
        kind, properties = resource["Type"], resource.setdefault("Properties", {})
        if kind == "AWS::Lambda::Function":
            functions.pack(logical_id, properties)
        elif kind == "AWS::Lambda::LayerVersion":
            asset = stack.asset(properties.get("Content"))
            if asset is not None:
                properties["Content"] = _stored(ready, place.bucket, place.packer.layer(asset))
        elif kind == "AWS::CloudFormation::Stack":
            _nest(stack, ready, place, logical_id, unsupported)
        elif kind == "AWS::IAM::Role" and "PermissionsBoundary" in properties:
            ready.notes.append(f"the permissions boundary of {stack.path_of(logical_id)} is ignored by the engine")
        _remember(ready, logical_id, kind, properties)
    for rule in [name for name in template.get("Rules") or {} if name.startswith("CheckBootstrapVersion")]:
        del template["Rules"][rule]
    return ready


def _nest(stack: Stack, ready: Prepared, place: Place, logical_id: str, unsupported: Iterable[str]) -> None:
    inner = stack.nested(logical_id)
    if inner is None:
        raise DeployError(
            f"the template of {stack.path_of(logical_id)} is not in the assembly; give all that cdk synth wrote"
        )
    nested = _prepare(inner, place, unsupported)
    body = json.dumps(nested.template).encode()
    key = f"{sha256(body).hexdigest()}.template.json"
    ready.objects |= {**nested.objects, key: body}
    ready.notes += nested.notes
    ready.nested[logical_id] = (inner, nested)
    ready.template["Resources"][logical_id]["Properties"]["TemplateURL"] = f"{place.bucket_url}/{key}"


def _remember(ready: Prepared, logical_id: str, kind: str, properties: dict[str, Any]) -> None:
    for name, value in properties.items():
        shown = _FORGOTTEN[kind, name](value) if (kind, name) in _FORGOTTEN else None
        if shown is not None:
            output = f"LambdaDestinations{len(ready.forgotten)}"
            ready.template.setdefault("Outputs", {})[output] = {"Value": shown}
            ready.forgotten[output] = (logical_id, name)


@dataclass(frozen=True, slots=True)
class _Functions:
    """Packs the functions of a template."""

    stack: Stack
    ready: Prepared
    place: Place

    def pack(self, logical_id: str, properties: dict[str, Any]) -> None:
        """Put the function's code in the bucket; something else in its place if it cannot run here."""
        code, runtime = properties.get("Code") or {}, properties.get("Runtime")
        inline = code.get("ZipFile") if isinstance(code, dict) else None
        source = self.stack.asset(code) if inline is None else inline
        if isinstance(code, dict) and "ImageUri" in code:
            self._refuse(logical_id, properties, "it is a container image, which needs Docker")
        elif not isinstance(runtime, str):
            self._refuse(logical_id, properties, "its runtime is not written out in the template")
        elif inline is not None and not isinstance(inline, str):
            self._refuse(logical_id, properties, "its inline code is not written out in the template")
        elif not isinstance(source, Path | str):
            self._refuse(
                logical_id, properties, "its code is not in the assembly; give the whole folder that cdk synth wrote"
            )
        elif isinstance(source, Path) and not source.exists():
            self._refuse(logical_id, properties, f"its code asset {source.name} is missing; synthesize the app again")
        elif (refusal := self.place.packer.refusal(runtime)) is not None:
            self._refuse(logical_id, properties, refusal)
        else:
            layers = self._layers(logical_id, properties) if self.place.packer.brings_runtimes else ()
            content, properties["Runtime"] = self.place.packer.function(runtime, source, layers)
            properties["Code"] = _stored(self.ready, self.place.bucket, content)
            if properties["Runtime"] != runtime:
                self.ready.wrapped.add(logical_id)

    def _refuse(self, logical_id: str, properties: dict[str, Any], refusal: str) -> None:
        self.ready.refusals[logical_id] = refusal
        self.ready.notes.append(f"{self.stack.path_of(logical_id)} cannot run here: {refusal}")
        # What is deployed in its place is never invoked.
        properties.update(Code={"ZipFile": "raise NotImplementedError"}, Runtime="python3.12", Handler="index.handler")
        for name in ("PackageType", "ImageConfig", "Layers", "SnapStart"):
            properties.pop(name, None)

    def _layers(self, logical_id: str, properties: dict[str, Any]) -> tuple[Path, ...]:
        found, resources = [], self.stack.template["Resources"]
        for layer in properties.pop("Layers", ()):
            target = resources.get(layer.get("Ref")) if isinstance(layer, dict) else None
            asset = self.stack.asset((target.get("Properties") or {}).get("Content")) if target is not None else None
            if asset is None or not asset.exists():
                path = self.stack.path_of(logical_id)
                self.ready.notes.append(f"{path} runs without the layer {layer}: it is not in the assembly")
            else:
                found.append(asset)
        return tuple(found)


def _stored(ready: Prepared, bucket: str, content: bytes) -> dict[str, str]:
    key = f"{sha256(content).hexdigest()}.zip"
    ready.objects[key] = content
    return {"S3Bucket": bucket, "S3Key": key}


def _settle_parameters(stack: Stack, ready: Prepared, given: dict[str, str]) -> None:
    declared = ready.template.get("Parameters") or {}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise DeployError(
            f"stack {stack.name} has no parameter {', '.join(unknown)}; it has {', '.join(declared) or 'none'}"
        )
    for name, definition in declared.items():
        if definition["Type"].startswith("AWS::SSM::Parameter::Value"):
            definition["Type"] = "String"  # the default, a path in Parameter Store, stands for itself
        if name in given:
            ready.parameters[name] = given[name]
        elif name.startswith("AssetParameters"):
            ready.parameters[name] = "unused||unused"  # CDK v1 names assets so; the code is already in place
        elif "Default" not in definition:
            raise DeployError(
                f"stack {stack.name} needs a value for its parameter {name}; give parameters={{{name!r}: …}}"
            )
