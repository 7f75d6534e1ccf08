"""A synthesized template made ready for the engine: code uploaded, what the flow does not need left out."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import DeployError

from ._assembly import Stack
from ._code import Packer

_ALWAYS_LEFT_OUT = ("AWS::CDK::Metadata",)
_KEPT_WITH_A_PLACEHOLDER = ("AWS::IAM::", "AWS::Lambda::Function", "AWS::KMS::Key", "AWS::Logs::LogGroup")
# What ministack 1.5.33 forgets of a resource without a word: read from outputs, and put in place afterwards.
_FORGOTTEN = {
    ("AWS::Lambda::Function", "DeadLetterConfig"),
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions"),
    ("AWS::SNS::Topic", "KmsMasterKeyId"),
}
_SUB_NAME = re.compile(r"\$\{([A-Za-z0-9]+)")


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


def prepare(
    stack: Stack, packer: Packer, bucket: str, parameters: dict[str, str], unsupported: Iterable[str]
) -> Prepared:
    """Rewrite the template of a stack; types in `unsupported` are left out. Raises DeployError."""
    template = copy.deepcopy(stack.template)
    ready = Prepared(template=template, parameters={})
    _leave_out(stack, ready, set(unsupported))
    for logical_id, resource in template["Resources"].items():
        properties = resource.setdefault("Properties", {})
        if resource["Type"] == "AWS::Lambda::Function":
            _pack_function(stack, ready, packer, bucket, logical_id, properties)
        elif resource["Type"] == "AWS::Lambda::LayerVersion":
            asset = stack.asset(properties.get("Content"))
            if asset is not None:
                properties["Content"] = _stored(ready, bucket, packer.layer(asset))
        elif resource["Type"] == "AWS::IAM::Role" and "PermissionsBoundary" in properties:
            ready.notes.append(f"the permissions boundary of {stack.path_of(logical_id)} is ignored by the engine")
        _remember(ready, logical_id, resource["Type"], properties)
    _settle_parameters(stack, ready, parameters)
    return ready


def _remember(ready: Prepared, logical_id: str, kind: str, properties: dict[str, Any]) -> None:
    for name, value in properties.items():
        if (kind, name) in _FORGOTTEN:
            output = f"LambdaDestinations{len(ready.forgotten)}"
            shown = value.get("TargetArn") if name == "DeadLetterConfig" else value
            ready.template.setdefault("Outputs", {})[output] = {"Value": shown}
            ready.forgotten[output] = (logical_id, name)


def _pack_function(
    stack: Stack, ready: Prepared, packer: Packer, bucket: str, logical_id: str, properties: dict[str, Any]
) -> None:
    code, runtime = properties.get("Code") or {}, properties.get("Runtime")
    source: Path | str | None = code.get("ZipFile") if isinstance(code, dict) else None
    if source is None:
        source = stack.asset(code)
    refusal = None
    if isinstance(code, dict) and "ImageUri" in code:
        refusal = "it is a container image, which needs Docker"
    elif not isinstance(runtime, str):
        refusal = "its runtime is not written out in the template"
    elif not isinstance(source, Path | str):
        refusal = "its code is not in the assembly; give the whole folder that cdk synth wrote"
    elif isinstance(source, Path) and not source.exists():
        refusal = f"its code asset {source.name} is missing; synthesize the app again"
    else:
        refusal = packer.refusal(runtime)
    if refusal is not None:
        # Something has to be deployed in its place; it is never invoked.
        ready.refusals[logical_id] = refusal
        ready.notes.append(f"{stack.path_of(logical_id)} cannot run here: {refusal}")
        properties.update(Code={"ZipFile": "raise NotImplementedError"}, Runtime="python3.12", Handler="index.handler")
        for name in ("PackageType", "ImageConfig", "Layers", "SnapStart"):
            properties.pop(name, None)
        return
    assert isinstance(runtime, str)
    assert isinstance(source, Path | str)
    layers = _layers(stack, ready, logical_id, properties) if packer.brings_runtimes else ()
    content, properties["Runtime"] = packer.function(runtime, source, layers)
    if properties["Runtime"] != runtime:
        ready.wrapped.add(logical_id)
    properties["Code"] = _stored(ready, bucket, content)


def _layers(stack: Stack, ready: Prepared, logical_id: str, properties: dict[str, Any]) -> tuple[Path, ...]:
    found = []
    for layer in properties.pop("Layers", ()):
        target = stack.template["Resources"].get(layer.get("Ref")) if isinstance(layer, dict) else None
        asset = stack.asset((target.get("Properties") or {}).get("Content")) if target is not None else None
        if asset is None or not asset.exists():
            ready.notes.append(f"{stack.path_of(logical_id)} runs without the layer {layer}: it is not in the assembly")
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
    for rule in [name for name in ready.template.get("Rules") or {} if name.startswith("CheckBootstrapVersion")]:
        del ready.template["Rules"][rule]


def _leave_out(stack: Stack, ready: Prepared, unsupported: set[str]) -> None:
    resources = ready.template["Resources"]
    gone: dict[str, str] = {}
    for logical_id, resource in resources.items():
        kind = resource.get("Type")
        if not isinstance(kind, str):
            raise DeployError(f"{logical_id} in stack {stack.name} has no Type; give a synthesized template")
        if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
            gone[logical_id] = f"a custom resource ({kind})"
        elif kind in unsupported or kind in _ALWAYS_LEFT_OUT:
            gone[logical_id] = f"an {kind}, which the engine does not have"
    pending = True
    while pending:
        pending = False
        for logical_id, resource in resources.items():
            needed = sorted(_references(resource.get("Properties")) & gone.keys())
            if logical_id in gone or not needed or resource["Type"].startswith(_KEPT_WITH_A_PLACEHOLDER):
                continue
            if resource["Type"] == "AWS::Lambda::EventInvokeConfig":
                raise DeployError(
                    f"{stack.path_of(logical_id)} needs {stack.path_of(needed[0])}, {gone[needed[0]]}; "
                    "deploy without it, or against an endpoint that has it"
                )
            gone[logical_id] = f"an {resource['Type']} that needs {stack.path_of(needed[0])}"
            pending = True
    ready.notes += [
        f"{stack.path_of(each)} is left out: {why}"
        for each, why in gone.items()
        if resources[each]["Type"] not in _ALWAYS_LEFT_OUT
    ]
    for logical_id in gone:
        del resources[logical_id]
    for name in [
        name for name, output in (ready.template.get("Outputs") or {}).items() if _references(output) & gone.keys()
    ]:
        del ready.template["Outputs"][name]
    for resource in resources.values():
        wanted = resource.pop("DependsOn", [])
        kept = [each for each in ([wanted] if isinstance(wanted, str) else wanted) if each not in gone]
        if kept:
            resource["DependsOn"] = kept
        resource["Properties"] = _with_placeholders(resource.get("Properties") or {}, gone.keys())


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(_references, value.values())) if value else set()
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    attribute = value.get("Fn::GetAtt")
    if attribute:
        found.add(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])
    text = value.get("Fn::Sub")
    if text:
        found.update(_SUB_NAME.findall(text if isinstance(text, str) else text[0]))
    return found


def _with_placeholders(value: Any, gone: Iterable[str]) -> Any:
    if isinstance(value, list):
        return [_with_placeholders(each, gone) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and not value.keys().isdisjoint(("Ref", "Fn::GetAtt", "Fn::Sub")):
        missing = sorted(_references(value) & set(gone))
        if missing:
            return f"arn:aws:left-out:::{missing[0]}"
    return {key: _with_placeholders(each, gone) for key, each in value.items()}
