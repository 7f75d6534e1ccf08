"""The resource policies of queues, topics, functions, event buses and buckets, for the policy evaluator."""

import json
from collections.abc import Callable
from typing import Any

from ..policy import UNKNOWN, Document
from ._arn import LATEST, Arn
from ._clients import ClientError, is_missing
from ._environment import Environment

_MADE_BY_SNS = "__default_statement_ID"  # the id of the policy that a topic has by default


def resource_policy_of(env: Environment, text: str) -> Document | None:
    """The policy of a resource in this account and region; None if it has none, UNKNOWN if it cannot be read here.

    The policy of a stand-in has only what the app adds. The policy of the real resource may allow more.
    Raises ClientError if the resource does not exist.
    """
    arn = Arn.parse(text)
    if arn.service == "events":
        return env.bus_policies.get(text)
    if arn.service not in _READERS:
        return UNKNOWN
    try:
        found = _READERS[arn.service](env, arn)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "NoSuchBucketPolicy" and not (arn.service == "lambda" and is_missing(error)):
            raise
        found = ""
    return _with_denials(json.loads(found) if found else None, env.denials.get(text))


def _with_denials(policy: Any, denials: list[dict[str, Any]] | None) -> Document | None:
    if not denials:
        found: Document | None = policy
        return found
    kept = policy or {"Version": "2012-10-17", "Statement": []}
    statements = kept["Statement"] if isinstance(kept["Statement"], list) else [kept["Statement"]]
    return {**kept, "Statement": [*statements, *denials]}


def _of_function(env: Environment, arn: Arn) -> str:
    where = {} if arn.qualifier in {None, LATEST} else {"Qualifier": arn.qualifier}
    return str(env.clients["lambda"].get_policy(FunctionName=arn.name, **where)["Policy"])


def _of_topic(env: Environment, arn: Arn) -> str:
    text = str(env.clients["sns"].get_topic_attributes(TopicArn=str(arn))["Attributes"].get("Policy", ""))
    return "" if _MADE_BY_SNS in text else text


def _of_queue(env: Environment, arn: Arn) -> str:
    sqs = env.clients["sqs"]
    url = sqs.get_queue_url(QueueName=arn.name)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return str(answer.get("Attributes", {}).get("Policy", ""))


def _of_bucket(env: Environment, arn: Arn) -> str:
    return str(env.clients["s3"].get_bucket_policy(Bucket=arn.name)["Policy"])


_READERS: dict[str, Callable[[Environment, Arn], Any]] = {
    "lambda": _of_function,
    "s3": _of_bucket,
    "sns": _of_topic,
    "sqs": _of_queue,
}
