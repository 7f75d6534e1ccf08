"""Who sends what where, by whose leave: the model that the rules, the picture and the refusals read.

All values are those of the form to judge: an ARN may hold UNKNOWN, and a reference into the app is a plausible ARN.
"""

from dataclasses import dataclass, field
from typing import Any

from .._service import DEFAULT_AGE, DEFAULT_RETRIES
from ._finding import PropertyPath
from ._resolved import Resource


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Policy:
    """A policy document and where it stands.

    :ivar resource: the resource that holds it: the role, a policy of its own, a permission
    :ivar path: of the document, from the top of the template
    :ivar document: as written; UNKNOWN if all of it is unknown
    """

    resource: Resource
    path: PropertyPath
    document: Any


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Role:
    """A role of the app.

    :ivar policies: identity policies: inline, `AWS::IAM::Policy`, `RolePolicy`, `ManagedPolicy` of the app
    :ivar managed_arns: managed policies that are not in the app, by ARN
    :ivar boundary: the boundary's document; None if there is none
    :ivar boundary_arn: the boundary's ARN, also if the document is not in the app
    """

    resource: Resource
    arn: str
    trust: Policy
    policies: tuple[Policy, ...] = ()
    managed_arns: tuple[str, ...] = ()
    boundary: Policy | None = None
    boundary_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Qualifier:
    """A version or an alias; `$LATEST` has no resource."""

    name: str
    arn: str
    resource: Resource | None = None
    versions: tuple[str, ...] = ()  # of an alias: those that it routes to


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Function:
    """A function. `permissions` is its resource policy, `role` None if it is not of the app."""

    resource: Resource
    arn: str
    name: str
    role_arn: str
    role: Role | None
    qualifiers: tuple[Qualifier, ...]
    permissions: tuple[Policy, ...] = ()
    dead_letter_arn: str | None = None
    dead_letter_path: PropertyPath = ()
    key_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Destination:
    """Where the records of one outcome go. `on` is `OnSuccess` or `OnFailure`."""

    on: str
    arn: str
    path: PropertyPath


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class InvokeConfig:
    """An asynchronous configuration.

    :ivar function_arn: without a qualifier
    :ivar qualifier: `$LATEST` also where it is written as nothing
    :ivar maximum_age: seconds as written, None if it is not; `age` has the default
    """

    resource: Resource
    function_arn: str
    function: Function | None
    qualifier: str
    destinations: tuple[Destination, ...] = ()
    maximum_age: Any = None
    maximum_retries: Any = None

    @property
    def age(self) -> Any:
        """Seconds that an event may wait; UNKNOWN if that is not known."""
        return DEFAULT_AGE if self.maximum_age is None else self.maximum_age

    @property
    def retries(self) -> Any:
        """How often a failed event is tried again; UNKNOWN if that is not known."""
        return DEFAULT_RETRIES if self.maximum_retries is None else self.maximum_retries

    @property
    def qualified_arn(self) -> str:
        """The function's ARN as the record has it."""
        return f"{self.function_arn}:{self.qualifier}"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Store:
    """A queue, topic, bus or bucket.

    :ivar service: `sqs`, `sns`, `events` or `s3`
    :ivar policies: its resource policies, wherever they stand
    :ivar key: the key as written (id, ARN, alias), None without a customer's key
    :ivar dead_letter_arn: of a queue's redrive policy
    """

    service: str
    resource: Resource
    arn: str
    policies: tuple[Policy, ...] = ()
    key: str | None = None
    fifo: bool = False
    dead_letter_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Key:
    """A customer-managed key. `aliases` are `alias/…`."""

    resource: Resource
    arn: str
    policy: Policy
    aliases: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Target:
    """A target of a rule; `properties` has `InputPath`, `InputTransformer` and the like as written."""

    id: str
    arn: str
    path: PropertyPath
    properties: dict[str, Any]
    role_arn: str | None = None
    dead_letter_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rule:
    """A rule. `bus_arn` is the default bus's if none is named; `pattern` None for a schedule."""

    resource: Resource
    arn: str
    bus_arn: str
    pattern: Any
    enabled: bool
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Subscription:
    """A subscription to a topic."""

    resource: Resource
    topic_arn: str
    protocol: str
    endpoint: str
    raw: bool = False
    filter_policy: Any = None
    dead_letter_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Caller:
    """What invokes a function.

    :ivar function_arn: as written: with its qualifier, a name made an ARN
    :ivar service: `sqs`, `kinesis`, `apigateway`, `events`, `sns`, `s3`, …
    :ivar asynchronous: None if that is not known
    """

    resource: Resource
    path: PropertyPath
    function_arn: str
    service: str
    asynchronous: bool | None
    source_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Flow:
    """All of an app, each kind in the order of its stacks.

    :ivar bus_policies: by the ARN of the bus, also of those that are not of the app, as the default bus is
    """

    resources: tuple[Resource, ...] = ()
    functions: tuple[Function, ...] = ()
    configs: tuple[InvokeConfig, ...] = ()
    roles: tuple[Role, ...] = ()
    stores: tuple[Store, ...] = ()
    keys: tuple[Key, ...] = ()
    rules: tuple[Rule, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    callers: tuple[Caller, ...] = ()
    bus_policies: dict[str, tuple[Policy, ...]] = field(default_factory=dict)
    by_arn: dict[str, "Function | Store | Key | Role | Rule"] = field(default_factory=dict)

    def at(self, arn: str) -> "Function | Store | Key | Role | Rule | None":
        """What has an ARN, a function also by its qualified one; None if it is not of the app."""
        found = self.by_arn.get(arn)
        if found is None and arn.split(":")[2:3] == ["lambda"]:
            found = self.by_arn.get(":".join(arn.split(":")[:7]))
        return found

    def key_of(self, store: Store) -> Key | None:
        """The key of the app that encrypts a queue, topic, bus or bucket."""
        for key in self.keys:
            if store.key is not None and store.key in (key.arn, key.resource.physical_id, *key.aliases):
                return key
        return None
