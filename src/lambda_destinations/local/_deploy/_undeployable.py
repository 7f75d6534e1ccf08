"""Leave out what cannot be deployed of a template, and put placeholders where other resources refer to it.

Resources of the flow stay if possible: a rule whose target is left out is still deployed, and its target is unknown.
"""

import re
from collections.abc import Mapping
from typing import Any

from ...errors import DeployError
from ...template import UNKNOWN, Missing, Resolved, is_known
from .._engine import LACKED_SILENTLY
from .._placeholders import placeholder

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_SUB_NAME = re.compile(r"\$\{([A-Za-z0-9]+)")

FLOW_TYPES = frozenset(
    f"AWS::{service}::{name}"
    for service, names in {
        "Events": ("EventBus", "EventBusPolicy", "Rule"),
        "IAM": ("ManagedPolicy", "Policy", "Role", "RolePolicy"),
        "KMS": ("Alias", "Key"),
        "Lambda": ("Alias", "EventInvokeConfig", "Function", "Permission", "Version"),
        "S3": ("Bucket", "BucketPolicy"),
        "SNS": ("Subscription", "Topic", "TopicInlinePolicy", "TopicPolicy"),
        "SQS": ("Queue", "QueueInlinePolicy", "QueuePolicy"),
    }.items()
    for name in names
)
"""Types that a record can meet on its way. They are never left out because the engine refuses them."""

_IDENTITY = frozenset(
    {
        *("AliasName", "TargetKeyId"),
        *("Bucket", "BucketName"),
        *("EventBusName", "Name"),
        *("EventSourceArn", "FunctionName", "FunctionVersion"),
        *("Queue", "QueueName", "Queues"),
        "RoleName",
        *("TopicArn", "TopicName", "Topics"),
    }
)
"""Properties without which a resource of the flow would be another resource."""

_MAY_BE_UNKNOWN: Mapping[str, frozenset[str]] = {
    "AWS::Events::Rule": frozenset({"RoleArn", "Targets"}),
    "AWS::Lambda::EventInvokeConfig": frozenset({"DestinationConfig"}),
    "AWS::Lambda::Function": frozenset(
        {
            *("DeadLetterConfig", "Environment", "FileSystemConfigs", "KmsKeyArn", "Layers"),
            *("LoggingConfig", "Role", "TracingConfig", "VpcConfig"),
        }
    ),
    "AWS::SNS::Subscription": frozenset({"Endpoint", "RedrivePolicy", "SubscriptionRoleArn"}),
}
"""Properties that may stay unknown: the flow does not read them, or it is unknown from there on."""

_MAY_ALL_BE_UNKNOWN = ("Description", "DisplayName", "KeyPolicy", "KmsMasterKeyId", "PolicyDocument", "Tags")


def leave_out(stack: Resolved, template: dict[str, Any], refused: Mapping[str, str]) -> list[str]:
    """Remove from a template what cannot be deployed, and return a note about each.

    :param refused: types that the engine does not have and logical ids that it refuses, each with the reason
    :raises DeployError: if a value that the flow needs is not known
    """
    resources = template["Resources"]
    gone = _hopeless(stack, resources, refused)
    _spread(stack, resources, gone)
    notes = [
        f"{stack.stack.path_of(each)} is left out: {why}"
        for each, why in gone.items()
        if resources[each]["Type"] not in LACKED_SILENTLY
    ]
    for logical_id in gone:
        del resources[logical_id]
    outputs = template.get("Outputs") or {}
    for name in [name for name, output in outputs.items() if references(output) & gone.keys() or not is_known(output)]:
        del outputs[name]
    for logical_id, resource in resources.items():
        wanted = resource.pop("DependsOn", [])
        kept = [each for each in ([wanted] if isinstance(wanted, str) else wanted) if each in resources]
        if kept:
            resource["DependsOn"] = kept
        properties = resource.get("Properties") or {}
        if not is_known(properties):
            notes.append(_unknown_note(stack, logical_id, properties))
        resource["Properties"] = _with_placeholders(properties, gone)
    return notes


def _hopeless(stack: Resolved, resources: dict[str, Any], refused: Mapping[str, str]) -> dict[str, str]:
    gone: dict[str, str] = {}
    for logical_id, resource in resources.items():
        kind = resource["Type"]
        if kind.startswith(_CUSTOM):
            gone[logical_id] = f"a custom resource ({kind})"
        elif logical_id in refused:
            gone[logical_id] = f"an {kind}, which the engine refuses: {refused[logical_id]}"
        elif kind in refused or kind in LACKED_SILENTLY:
            gone[logical_id] = f"an {kind}, which the engine does not have"
        elif not is_known(resource.get("Properties")):
            _require_known(stack, logical_id, resource, gone)
    return gone


def _require_known(stack: Resolved, logical_id: str, resource: dict[str, Any], gone: dict[str, str]) -> None:
    kind, properties = resource["Type"], resource["Properties"]
    if kind not in FLOW_TYPES:
        gone[logical_id] = f"an {kind} that needs {_needed(stack, logical_id)}"
        return
    read = references(stack.stack.template["Resources"].get(logical_id))
    for each in stack.missing:
        if each.kind == "parameter" and each.name in read:
            raise DeployError(
                f"stack {stack.stack.name} needs a value for its parameter {each.name}, which "
                f"{stack.stack.path_of(logical_id)} reads; give parameters={{{each.name!r}: …}}"
            )
    allowed = {*_MAY_ALL_BE_UNKNOWN, *_MAY_BE_UNKNOWN.get(kind, ())}
    if kind.startswith("AWS::IAM::"):
        allowed |= properties.keys() - _IDENTITY
    for name, value in properties.items():
        if name not in allowed and not is_known(value):
            raise DeployError(
                f"{stack.stack.path_of(logical_id)} needs {_needed(stack, logical_id, name)} for its {name}; "
                f"{_how_to_give(stack, logical_id, name)}"
            )


def _spread(stack: Resolved, resources: dict[str, Any], gone: dict[str, str]) -> None:
    """Add to `gone` each resource that needs one that is gone."""
    before = -1
    while before != len(gone):
        before = len(gone)
        for logical_id, resource in resources.items():
            properties = resource.get("Properties") or {}
            if resource["Type"] in FLOW_TYPES or resource["Type"] == "AWS::Logs::LogGroup":
                properties = {name: value for name, value in properties.items() if name in _IDENTITY}
            needed = sorted(references(properties) & gone.keys())
            if logical_id not in gone and needed:
                gone[logical_id] = f"an {resource['Type']} that needs {stack.stack.path_of(needed[0])}"


def references(value: Any) -> set[str]:
    """The logical ids and parameters that a value refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(references, value.values())) if value else set()
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    attribute = value.get("Fn::GetAtt")
    if attribute:
        found.add(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])
    text = value.get("Fn::Sub")
    if text:
        found.update(_SUB_NAME.findall(text if isinstance(text, str) else text[0]))
    return found


def _with_placeholders(value: Any, gone: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return placeholder("not-given") if UNKNOWN in value else value
    if isinstance(value, list):
        return [_with_placeholders(each, gone) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and not value.keys().isdisjoint(("Ref", "Fn::GetAtt", "Fn::Join", "Fn::Sub")):
        missing = sorted(references(value) & set(gone))
        if missing:
            return placeholder(missing[0])
        if not is_known(value):
            return placeholder("not-given")
    return {key: _with_placeholders(each, gone) for key, each in value.items()}


def _missing(stack: Resolved, logical_id: str, name: str = "") -> list[Missing]:
    """The missing values that are used there; all missing values if their places are not known."""
    where = ("Resources", logical_id, "Properties", *([name] if name else []))
    used = [each for each in stack.missing if each.path[: len(where)] == where]
    return used or list(stack.missing)


_KINDS = {
    "import": ("the export", "exports"),
    "parameter": ("the parameter", "parameters"),
    "secret": ("the secret", "secrets"),
    "ssm": ("the SSM parameter", "ssm"),
}


def _needed(stack: Resolved, logical_id: str, name: str = "") -> str:
    found = [f"{_KINDS[each.kind][0]} {each.name}" for each in _missing(stack, logical_id, name)]
    return f"a value of {' or '.join(dict.fromkeys(found))}" if found else "a value that is not known"


def _how_to_give(stack: Resolved, logical_id: str, name: str = "") -> str:
    found = _missing(stack, logical_id, name)
    if not found:
        return "write it out in the template"
    return f"give {_KINDS[found[0].kind][1]}={{{found[0].name!r}: …}}"


def _unknown_note(stack: Resolved, logical_id: str, properties: dict[str, Any]) -> str:
    names = ", ".join(sorted(name for name, value in properties.items() if not is_known(value)))
    return (
        f"{stack.stack.path_of(logical_id)} has a made-up {names}: it needs {_needed(stack, logical_id)}; "
        f"{_how_to_give(stack, logical_id)}"
    )
