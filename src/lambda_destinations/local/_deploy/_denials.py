"""Deny statements in the policies of queues, topics and buckets: only the policy evaluator gets them.

The engine uses HTTP, so a Deny of calls without TLS (`enforce_ssl=True`) would deny every call. Other Deny statements
would deny us, the root of the account, what we have to read. So the engine does not get them.
"""

from collections.abc import Mapping
from typing import Any

from .._arn import Arn
from .._environment import Environment

_HOLDERS = {"AWS::S3::BucketPolicy": "Bucket", "AWS::SNS::TopicPolicy": "Topics", "AWS::SQS::QueuePolicy": "Queues"}


def without_denials(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource of a template, without the Deny statements of its policy."""
    properties = resource.get("Properties") or {}
    if resource["Type"] not in _HOLDERS or not isinstance(properties.get("PolicyDocument"), dict):
        return resource
    document, denials = split(properties["PolicyDocument"])
    return {**resource, "Properties": {**properties, "PolicyDocument": document}} if denials else resource


def split(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A policy without its Deny statements, and those statements."""
    written = document.get("Statement") or []
    statements = [written] if isinstance(written, dict) else list(written)
    denials = [each for each in statements if isinstance(each, dict) and each.get("Effect") == "Deny"]
    return {**document, "Statement": [each for each in statements if each not in denials]}, denials


def keep_denials(env: Environment, kind: str, properties: Mapping[str, Any]) -> None:
    """Keep the Deny statements of a policy. Its properties have values instead of references."""
    if kind not in _HOLDERS or not isinstance(properties.get("PolicyDocument"), dict):
        return
    _, denials = split(properties["PolicyDocument"])
    held = properties.get(_HOLDERS[kind]) or []
    for each in [held] if isinstance(held, str) else held:
        env.denials.setdefault(_arn(env, kind, str(each)), []).extend(denials)


def _arn(env: Environment, kind: str, name: str) -> str:
    if Arn.find(name) is not None:
        return name
    if kind == "AWS::S3::BucketPolicy":
        return f"arn:aws:s3:::{name}"
    return env.arn("sqs", name.rpartition("/")[2])
