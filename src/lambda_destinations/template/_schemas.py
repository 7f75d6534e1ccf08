"""AWS's resource schemas, read from the files of cfn-lint. To import cfn-lint takes most of a second."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_REGION = "us-east-1"  # it has all resource types

CHECKED = (
    "AWS::Events::EventBus",
    "AWS::Events::EventBusPolicy",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
)
"""The resource types to check: those that have to do with asynchronous invocations."""


@cache
def _folder() -> Path | None:
    spec = find_spec("cfnlint")
    places = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(places[0], "data", "schemas") if places else None
    return folder if folder is not None and (folder / "providers" / f"{_REGION}.json").is_file() else None


@cache
def _index() -> Mapping[str, str]:
    folder = _folder()
    if folder is None:
        return {}
    found: dict[str, str] = json.loads((folder / "providers" / f"{_REGION}.json").read_bytes())
    return found


@cache
def schema_of(kind: str) -> dict[str, Any] | None:
    """Return the schema of a type in `CHECKED`; None for another type, or without cfn-lint."""
    folder, name = _folder(), _index().get(kind) if kind in CHECKED else None
    if folder is None or name is None:
        return None
    schema: dict[str, Any] = json.loads((folder / "resources" / f"{name}.json").read_bytes())
    return schema


def dereference(root: dict[str, Any], schema: Any) -> dict[str, Any]:
    """Follow the `$ref` of a schema. The result is an empty schema if that is not possible."""
    for _ in range(10):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if reference is None:
            return schema
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return {}
        found: Any = root
        for name in reference[2:].split("/"):
            found = found.get(name) if isinstance(found, dict) else None
        schema = found
    return {}


def types_of(schema: dict[str, Any]) -> tuple[str, ...]:
    """Return the JSON types that a schema names."""
    kind = schema.get("type")
    return (kind,) if isinstance(kind, str) else tuple(kind) if isinstance(kind, list) else ()
