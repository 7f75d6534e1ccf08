"""One account and region of the engine: what is deployed there, and how its functions are configured."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from .._service import DEFAULT_AGE, DEFAULT_RETRIES
from ._arn import LATEST, Arn
from ._clients import ClientError, Clients
from ._mappings import Mapping
from ._result._tree import Target

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class AsyncConfig:
    """An EventInvokeConfig with Lambda's defaults; ages in seconds."""

    retries: int = DEFAULT_RETRIES
    max_age: int = DEFAULT_AGE
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(kw_only=True, slots=True)
class FunctionFacts:
    """The settings of a function or version that matter for its runs."""

    arn: str
    role_arn: str
    dead_letter_arn: str | None
    loops_allowed: bool = False


class Environment:
    """What is deployed in one account and region.

    :ivar wrapped: the names of the functions that run on our own runtimes
    :ivar refusals: why a function cannot run here, by its name
    :ivar stand_ins: the ARNs of imports that a stand-in replaces; what an imported role may do is not known
    :ivar bus_policies: the policies of event buses by ARN, which the engine cannot keep
    :ivar boundaries: the permissions boundaries of roles, by the ARN of the role
    :ivar denials: the Deny statements of queues, topics and buckets by ARN, which the engine must not have
    """

    def __init__(self, clients: Clients, peek_url: str | None) -> None:
        self.clients, self.peek_url = clients, peek_url
        self.lock = threading.RLock()
        self.targets: dict[str, Target] = {}
        self.wrapped: set[str] = set()
        self.refusals: dict[str, str] = {}
        self.dead_letters: dict[str, str] = {}
        self.mappings = list[Mapping]()
        self.stand_ins: set[str] = set()
        self.bus_policies: dict[str, dict[str, Any]] = {}
        self.boundaries: dict[str, str] = {}
        self.denials: dict[str, list[dict[str, Any]]] = {}
        self.uploaded: set[str] = set()  # the bucket of code, and the keys in it
        self._configs: dict[str, dict[str, AsyncConfig]] = {}
        self._facts: dict[tuple[str, str], FunctionFacts] = {}
        self.shadows: dict[str, Any] = {}  # see _flow/_shadows
        self._memory: dict[Hashable, Any] = {}
        self._queue_locks: dict[str, threading.Lock] = {}
        self._roles_of: dict[str, str] = {}

    @property
    def patience(self) -> float:
        """Seconds to wait for a notification that a filter may drop. Our own engine delivers before it answers."""
        return 0.0 if self.peek_url else 0.5

    def queue_lock(self, arn: str) -> threading.Lock:
        """The lock of a queue, held from sending a message until it is received."""
        with self.lock:
            return self._queue_locks.setdefault(arn, threading.Lock())

    def role_of_gone(self, function: str) -> str | None:
        """The role of a deleted function; None if it was never read."""
        return self._roles_of.get(function)

    def memo(self, key: Hashable, read: Callable[[], _T]) -> _T:
        """The result of `read` for a key. It is read once, and again only after `forget`."""
        memory = self._memory  # another thread may replace it
        if key not in memory:
            memory[key] = read()
        found: _T = memory[key]
        return found

    def forget(self) -> None:
        """Drop what `memo` keeps."""
        self._memory = {}

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.clients.region}:{self.clients.account}:{resource}"

    def stands_in(self, arn: str) -> bool:
        """Whether a stand-in replaces the resource that has this ARN on AWS."""
        found = Arn.find(arn)
        return found is not None and str(found.unqualified) in self.stand_ins

    def target(self, text: str) -> Target:
        """The deployed resource with this ARN; for an unknown ARN a target with a name from the ARN."""
        known = self.targets.get(rule_key(text))
        if known is not None:
            return known
        arn = Arn.find(text)
        if arn is None:
            return Target(arn=text, label=text, names=frozenset({text}))
        base = self.targets.get(str(arn.unqualified)) if arn.qualifier else None
        if base is not None:
            names = frozenset({text, *(f"{name}:{arn.qualifier}" for name in base.names)})
            return Target(arn=text, label=base.label, names=names | base.names if arn.qualifier == LATEST else names)
        name = f"{arn.name}:{arn.qualifier}" if arn.qualifier else arn.name
        label = "default event bus" if arn.resource == "event-bus/default" else name
        return Target(arn=text, label=label, names=frozenset({text, name, label}))

    def config(self, function: str, qualifier: str) -> AsyncConfig:
        """The asynchronous configuration of a function and a qualifier, as it was when the app was deployed."""
        return self._configs.get(function, {}).get(qualifier, AsyncConfig())

    def configs(self, function: str) -> dict[str, AsyncConfig]:
        """The asynchronous configurations of a function by qualifier."""
        return self._configs.get(function, {})

    def hold_config(self, function: str, qualifier: str, config: AsyncConfig) -> None:
        """Keep a configuration here. The engine does not get it, because it would deliver a record of its own."""
        with self.lock:
            self._configs.setdefault(function, {})[qualifier] = config

    def facts(self, function: str, qualifier: str) -> FunctionFacts:
        """Role and dead-letter queue of a function or version; raises botocore's ClientError if it does not exist."""
        key = (function, qualifier)
        if key not in self._facts:
            where = {} if qualifier == "$LATEST" else {"Qualifier": qualifier}
            read = self.clients["lambda"].get_function_configuration(FunctionName=function, **where)
            self._facts[key] = FunctionFacts(
                arn=str(Arn.parse(read["FunctionArn"]).unqualified),
                role_arn=read["Role"],
                dead_letter_arn=(read.get("DeadLetterConfig") or {}).get("TargetArn")
                or self.dead_letters.get(function),
                loops_allowed=self._loops_allowed(function),
            )
            self._roles_of[function] = read["Role"]
        return self._facts[key]

    def _loops_allowed(self, function: str) -> bool:
        try:
            answer = self.clients["lambda"].get_function_recursion_config(FunctionName=function)
        except (AttributeError, ClientError):
            return False  # an engine or a boto3 that does not have this operation
        return bool(answer.get("RecursiveLoop") == "Allow")

    def release(self, functions: set[str], roles: set[str], arns: set[str]) -> None:
        """Forget an app whose stacks are about to be deleted."""
        with self.lock:
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
                self.bus_policies.pop(arn, None)
                self.boundaries.pop(arn, None)
                self.denials.pop(arn, None)
                self.clients.queue_urls.pop(arn, None)
            self.mappings = [each for each in self.mappings if each.queue_arn not in arns]


def rule_key(text: str) -> str:
    """The ARN of a rule without its event bus, which CloudFormation does not return; any other ARN unchanged."""
    head, found, path = text.partition(":rule/")
    return f"{head}:rule/{path.rsplit('/', 1)[-1]}" if found else text
