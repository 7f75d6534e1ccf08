"""One account and region of the engine: what is deployed there, and how its functions are configured."""

import threading
from dataclasses import dataclass
from typing import Any

from ._clients import ClientError, Clients
from ._flow._queues import queue_url
from ._flow._routes import Routes, rule_key
from ._mappings import QueueMapping
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
    `stand_ins` are the ARNs of what was made in place of what the app imports; of the roles among them nobody knows
    what they may do. `bus_policies` by bus and `boundaries` by role are what the engine cannot keep.
    """

    def __init__(self, clients: Clients, peek_url: str | None) -> None:
        self.clients, self.peek_url = clients, peek_url
        self.routes = Routes(clients)
        self.lock = threading.RLock()
        self.targets: dict[str, Target] = {}
        self.wrapped: set[str] = set()
        self.refusals: dict[str, str] = {}
        self.dead_letters: dict[str, str] = {}
        self.mappings = list[QueueMapping]()
        self.stand_ins: set[str] = set()
        self.bus_policies: dict[str, dict[str, Any]] = {}
        self.boundaries: dict[str, str] = {}
        self.uploaded: set[str] = set()  # the bucket of code, and the keys in it
        self._configs: dict[str, dict[str, AsyncConfig]] = {}
        self._keys: dict[str, str | None] = {}
        self._facts: dict[tuple[str, str], FunctionFacts] = {}

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.clients.region}:{self.clients.account}:{resource}"

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
        return self._configs.get(function, {}).get(qualifier, AsyncConfig())

    def configs(self, function: str) -> dict[str, AsyncConfig]:
        """The asynchronous configurations of a function by qualifier."""
        return self._configs.get(function, {})

    def hold_config(self, function: str, qualifier: str, config: AsyncConfig) -> None:
        """Keep a configuration: the engine does not get it, since it would deliver a record of its own making."""
        with self.lock:
            self._configs.setdefault(function, {})[qualifier] = config

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
                self.bus_policies.pop(arn, None)
                self.boundaries.pop(arn, None)
                self.clients.queue_urls.pop(arn, None)
            self.mappings = [each for each in self.mappings if each.queue_arn not in arns]


def _bucket_key(s3: Any, bucket: str) -> str | None:
    try:
        encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in encryption["Rules"]]
    return next((each["KMSMasterKeyID"] for each in defaults if "KMSMasterKeyID" in each), None)
