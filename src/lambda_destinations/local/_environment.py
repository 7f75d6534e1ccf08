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
    """What of a function or one of its versions counts for its runs."""

    arn: str
    role_arn: str
    dead_letter_arn: str | None
    loops_allowed: bool = False


class Environment:
    """The deployed things of one account and region.

    `wrapped` names the functions that run on our own runtimes, `refusals` says why a function must not be run.
    `stand_ins` are the ARNs of what was made in place of what the app imports; of the roles among them nobody knows
    what they may do. `bus_policies` by bus, `boundaries` by role and `denials` by queue, topic or bucket are what the
    engine cannot keep, or must not have.
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
        """Seconds to wait for a notification that a filter may hold back; our own engine fans out before it answers."""
        return 0.0 if self.peek_url else 0.5

    def queue_lock(self, arn: str) -> threading.Lock:
        """Held from sending a message until it is taken."""
        with self.lock:
            return self._queue_locks.setdefault(arn, threading.Lock())

    def role_of_gone(self, function: str) -> str | None:
        """The role of a function that is no longer there, if it was once asked for."""
        return self._roles_of.get(function)

    def memo(self, key: Hashable, read: Callable[[], _T]) -> _T:
        """What `read` gave for a key, read once until something is changed in the engine through a client of ours."""
        memory = self._memory  # another thread may forget it
        if key not in memory:
            memory[key] = read()
        found: _T = memory[key]
        return found

    def forget(self) -> None:
        """Read everything anew."""
        self._memory = {}

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.clients.region}:{self.clients.account}:{resource}"

    def stands_in(self, arn: str) -> bool:
        """Whether something stands in here for what has this ARN on AWS."""
        found = Arn.find(arn)
        return found is not None and str(found.unqualified) in self.stand_ins

    def target(self, text: str) -> Target:
        """The deployed resource of this ARN, or one that is named by its ARN alone."""
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
            return False  # an engine, or a boto3, that does not know it
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
    """The ARN of a rule without its bus, which CloudFormation does not tell; any other ARN as it is."""
    head, found, path = text.partition(":rule/")
    return f"{head}:rule/{path.rsplit('/', 1)[-1]}" if found else text
