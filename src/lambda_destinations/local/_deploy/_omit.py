"""What of a template is left out: what the engine does not have, custom resources, and what hangs on either."""

import re
from collections.abc import Collection
from typing import Any

from ...errors import DeployError
from ._assembly import Stack

_SILENTLY = ("AWS::CDK::Metadata",)
_KEPT_WITH_A_PLACEHOLDER = ("AWS::IAM::", "AWS::KMS::Key", "AWS::Lambda::Function", "AWS::Logs::LogGroup")
_SUB_NAME = re.compile(r"\$\{([A-Za-z0-9]+)")


def leave_out(stack: Stack, template: dict[str, Any], unsupported: set[str]) -> list[str]:
    """Take out of a template what cannot be deployed, and say of each what it is.

    Raises DeployError if a destination is among it.
    """
    resources = template["Resources"]
    gone = _hopeless(stack, resources, unsupported)
    _spread(stack, resources, gone)
    notes = [
        f"{stack.path_of(each)} is left out: {why}"
        for each, why in gone.items()
        if resources[each]["Type"] not in _SILENTLY
    ]
    for logical_id in gone:
        del resources[logical_id]
    outputs = template.get("Outputs") or {}
    for name in [name for name, output in outputs.items() if _references(output) & gone.keys()]:
        del outputs[name]
    for resource in resources.values():
        wanted = resource.pop("DependsOn", [])
        kept = [each for each in ([wanted] if isinstance(wanted, str) else wanted) if each not in gone]
        if kept:
            resource["DependsOn"] = kept
        resource["Properties"] = _with_placeholders(resource.get("Properties") or {}, gone)
    return notes


def _hopeless(stack: Stack, resources: dict[str, Any], unsupported: set[str]) -> dict[str, str]:
    gone: dict[str, str] = {}
    for logical_id, resource in resources.items():
        kind = resource.get("Type")
        if not isinstance(kind, str):
            raise DeployError(f"{logical_id} in stack {stack.name} has no Type; give a synthesized template")
        if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
            gone[logical_id] = f"a custom resource ({kind})"
        elif kind in unsupported or kind in _SILENTLY:
            gone[logical_id] = f"an {kind}, which the engine does not have"
    return gone


def _spread(stack: Stack, resources: dict[str, Any], gone: dict[str, str]) -> None:
    """Add to what is gone whatever cannot be without it."""
    before = -1
    while before != len(gone):
        before = len(gone)
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


def _with_placeholders(value: Any, gone: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_with_placeholders(each, gone) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and not value.keys().isdisjoint(("Ref", "Fn::GetAtt", "Fn::Sub")):
        missing = sorted(_references(value) & set(gone))
        if missing:
            return f"arn:aws:left-out:::{missing[0]}"
    return {key: _with_placeholders(each, gone) for key, each in value.items()}
