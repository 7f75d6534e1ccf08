"""Denials in the policies of queues, topics and buckets: kept by us for the evaluator, and not given to the engine.

The engine is on HTTP, so that it would take every call for one without TLS (`enforce_ssl=True`), and it denies us, the
account's root, what is meant for others. A Deny that it does not have cannot lock us out of what we have to look at.
"""

from collections.abc import Mapping
from typing import Any

from .._arn import Arn
from .._environment import Environment

_HOLDERS = {"AWS::S3::BucketPolicy": "Bucket", "AWS::SNS::TopicPolicy": "Topics", "AWS::SQS::QueuePolicy": "Queues"}


def without_denials(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource of a template as the engine gets it."""
    properties = resource.get("Properties") or {}
    if resource["Type"] not in _HOLDERS or not isinstance(properties.get("PolicyDocument"), dict):
        return resource
    document, denials = split(properties["PolicyDocument"])
    return {**resource, "Properties": {**properties, "PolicyDocument": document}} if denials else resource


def split(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A policy without its denials, and these."""
    written = document.get("Statement") or []
    statements = [written] if isinstance(written, dict) else list(written)
    denials = [each for each in statements if isinstance(each, dict) and each.get("Effect") == "Deny"]
    return {**document, "Statement": [each for each in statements if each not in denials]}, denials


def keep_denials(env: Environment, kind: str, properties: Mapping[str, Any]) -> None:
    """Keep those of a resource, with values in place of references."""
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
