"""One account and region of the engine: what is deployed there, and how its functions are configured."""

import threading
from dataclasses import dataclass
from typing import Any

from ._clients import ClientError, Clients
from ._flow._queues import queue_url
from ._flow._routes import Routes, rule_key
from ._result._tree import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class AsyncConfig:
    """An EventInvokeConfig with Lambda's defaults; ages in seconds."""

    retries: int = 2
    max_age: int = 21600
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(kw_only=True, slots=True)
class FunctionFacts:
    """What of a function or one of its versions counts for its runs."""

    arn: str
    role_arn: str
    dead_letter_arn: str | None


class Environment:
    """The deployed things of one account and region.

    `wrapped` names the functions that run on our own runtimes, `refusals` says why a function must not be run.
    """

    def __init__(self, clients: Clients, peek_url: str | None) -> None:
        self.clients, self.peek_url = clients, peek_url
        self.routes = Routes(clients)
        self.lock = threading.RLock()
        self.targets: dict[str, Target] = {}
        self.wrapped: set[str] = set()
        self.refusals: dict[str, str] = {}
        self.dead_letters: dict[str, str] = {}
        self.uploaded: set[str] = set()  # the bucket of code, and the keys in it
        self._configs: dict[str, dict[str, AsyncConfig]] = {}
        self._keys: dict[str, str | None] = {}
        self._facts: dict[tuple[str, str], FunctionFacts] = {}

    def target(self, arn: str) -> Target:
        """The deployed resource of this ARN, or one that is named by its ARN alone."""
        known = self.targets.get(rule_key(arn))
        if known is not None:
            return known
        base = self.targets.get(":".join(arn.split(":")[:7])) if ":function:" in arn else None
        if base is not None:
            qualifier = arn.split(":")[7]
            names = frozenset({arn, *(f"{name}:{qualifier}" for name in base.names)})
            return Target(arn=arn, label=base.label, names=names | base.names if qualifier == "$LATEST" else names)
        name = (
            arn.split(":", 5)[5].split("/", 1)[-1]
            if ":event-bus/" in arn
            else arn.split(":", 5)[5].removeprefix("function:")
        )
        label = "default event bus" if arn.endswith(":event-bus/default") else name
        return Target(arn=arn, label=label, names=frozenset({arn, name, label}))

    def config(self, function: str, qualifier: str) -> AsyncConfig:
        """The asynchronous configuration of a function and a qualifier, as it was when the app was deployed."""
        with self.lock:
            if function not in self._configs:
                self._configs[function] = self._hold_configs(function)
        return self._configs[function].get(qualifier, AsyncConfig())

    def configs(self, function: str) -> dict[str, AsyncConfig]:
        """The asynchronous configurations of a function by qualifier."""
        self.config(function, "$LATEST")
        return self._configs[function]

    def _hold_configs(self, function: str) -> dict[str, AsyncConfig]:
        client, held = self.clients["lambda"], {}
        answer = client.list_function_event_invoke_configs(FunctionName=function)
        for each in answer["FunctionEventInvokeConfigs"]:
            parts = each["FunctionArn"].split(":")
            qualifier = parts[7] if len(parts) > 7 else None
            wanted = each.get("DestinationConfig") or {}
            held[qualifier or "$LATEST"] = AsyncConfig(
                retries=each.get("MaximumRetryAttempts", 2),
                max_age=each.get("MaximumEventAgeInSeconds", 21600),
                on_success=(wanted.get("OnSuccess") or {}).get("Destination"),
                on_failure=(wanted.get("OnFailure") or {}).get("Destination"),
            )
            # Held here, it is taken from the engine, which would deliver a record of its own making.
            where = {"Qualifier": qualifier} if qualifier else {}
            client.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=0, **where)
        return held

    def facts(self, function: str, qualifier: str) -> FunctionFacts:
        """Role and dead-letter queue of a function or version; raises botocore's ClientError if there is none."""
        key = (function, qualifier)
        if key not in self._facts:
            where = {} if qualifier == "$LATEST" else {"Qualifier": qualifier}
            read = self.clients["lambda"].get_function_configuration(FunctionName=function, **where)
            self._facts[key] = FunctionFacts(
                arn=":".join(read["FunctionArn"].split(":")[:7]),
                role_arn=read["Role"],
                dead_letter_arn=(read.get("DeadLetterConfig") or {}).get("TargetArn")
                or self.dead_letters.get(function),
            )
        return self._facts[key]

    def key(self, arn: str) -> str | None:
        """The customer-managed key of a queue, a topic or a bucket, if it has one; raises ClientError without it."""
        if arn not in self._keys:
            if ":sqs:" in arn:
                answer = self.clients["sqs"].get_queue_attributes(
                    QueueUrl=queue_url(self.clients, arn), AttributeNames=["KmsMasterKeyId"]
                )
                key = answer.get("Attributes", {}).get("KmsMasterKeyId")
            elif ":sns:" in arn:
                key = self.clients["sns"].get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId")
            else:
                key = _bucket_key(self.clients["s3"], arn.rsplit(":", 1)[-1])
            self._keys[arn] = None if not key or key.startswith("alias/aws/") else key
        return self._keys[arn]

    def release(self, functions: set[str], roles: set[str], arns: set[str]) -> None:
        """Forget an app whose stacks are about to be deleted."""
        with self.lock:
            self.routes.release(arns)
            for function in functions:
                self._configs.pop(function, None)
                self.wrapped.discard(function)
                self.refusals.pop(function, None)
                self.dead_letters.pop(function, None)
                for key in [key for key in self._facts if key[0] == function]:
                    del self._facts[key]
            for role in roles:
                self.clients.forget(role)
            for arn in arns:
                self.targets.pop(arn, None)
                self._keys.pop(arn, None)
                self.clients.queue_urls.pop(arn, None)


def _bucket_key(s3: Any, bucket: str) -> str | None:
    try:
        encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in encryption["Rules"]]
    return next((each["KMSMasterKeyID"] for each in defaults if "KMSMasterKeyID" in each), None)
