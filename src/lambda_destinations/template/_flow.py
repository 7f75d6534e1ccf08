"""The model of an app: who sends what where, and which policies allow it. The rules, picture and refusals read it.

All values are in the form to judge, see `Resolved`: an ARN may contain UNKNOWN, and a reference to a resource of the
app is a plausible ARN.
"""

from dataclasses import dataclass, field
from typing import Any

from .._service import DEFAULT_AGE, DEFAULT_RETRIES
from ._finding import PropertyPath
from ._resolved import Resource


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Policy:
    """A policy document and its place.

    :ivar resource: the resource that contains it: the role, a policy resource or a permission
    :ivar path: the path of the document, from the top of the template
    :ivar document: as written; UNKNOWN if the whole document is unknown
    """

    resource: Resource
    path: PropertyPath
    document: Any


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Role:
    """A role of the app.

    :ivar policies: the identity policies in the app: inline, `AWS::IAM::Policy`, `RolePolicy` and `ManagedPolicy`
    :ivar managed_arns: the ARNs of managed policies that are not in the app
    :ivar boundary: the document of the permissions boundary; None if there is none in the app
    :ivar boundary_arn: the ARN of the permissions boundary, also if the document is not in the app
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
    """A version or an alias of a function, or `$LATEST`.

    :ivar resource: None for `$LATEST`
    :ivar versions: for an alias: the versions that it routes to
    """

    name: str
    arn: str
    resource: Resource | None = None
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Function:
    """A function of the app.

    :ivar role: the execution role; None if it is not in the app
    :ivar permissions: the resource policy, one document for each permission
    """

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
    """The destination of one condition of a configuration.

    :ivar on: `OnSuccess` or `OnFailure`
    """

    on: str
    arn: str
    path: PropertyPath


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class InvokeConfig:
    """An asynchronous configuration of a function.

    :ivar function_arn: without a qualifier
    :ivar function: None if the function is not in the app
    :ivar qualifier: `$LATEST` if none is written
    :ivar maximum_age: seconds, as written; None if absent. `age` has the default
    :ivar maximum_retries: as written; None if absent. `retries` has the default
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
        """How many seconds an event may wait; UNKNOWN if that is not known."""
        return DEFAULT_AGE if self.maximum_age is None else self.maximum_age

    @property
    def retries(self) -> Any:
        """How many times Lambda retries a failed event; UNKNOWN if that is not known."""
        return DEFAULT_RETRIES if self.maximum_retries is None else self.maximum_retries

    @property
    def qualified_arn(self) -> str:
        """The function's ARN with the qualifier, as the invocation record has it."""
        return f"{self.function_arn}:{self.qualifier}"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Store:
    """A queue, topic, event bus or bucket.

    :ivar service: `sqs`, `sns`, `events` or `s3`
    :ivar policies: its resource policies, from all resources that can contain them
    :ivar key: the KMS key as written (id, ARN or alias); None if none is written
    :ivar dead_letter_arn: the target of a queue's redrive policy
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
    """A customer-managed key.

    :ivar aliases: names that start with `alias/`
    """

    resource: Resource
    arn: str
    policy: Policy
    aliases: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Target:
    """A target of a rule.

    :ivar properties: the target as written, for example with `InputPath` or `InputTransformer`
    """

    id: str
    arn: str
    path: PropertyPath
    properties: dict[str, Any]
    role_arn: str | None = None
    dead_letter_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rule:
    """A rule.

    :ivar bus_arn: that of the default event bus if the rule names none
    :ivar pattern: None for a schedule
    """

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
    """Something that invokes a function.

    :ivar function_arn: with the qualifier that is written; a name is made an ARN
    :ivar service: the service that invokes: `sqs`, `kinesis`, `apigateway`, `events`, `sns`, `s3`, …
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
    """The model of a whole app. Each kind is in the order of the stacks.

    :ivar bus_policies: by the ARN of the event bus. It has also buses that are not in the app, such as the default one
    :ivar by_arn: everything that has an ARN
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
        """Return what has an ARN; None if it is not in the app. A function is also found by a qualified ARN."""
        found = self.by_arn.get(arn)
        if found is None and arn.split(":")[2:3] == ["lambda"]:
            found = self.by_arn.get(":".join(arn.split(":")[:7]))
        return found

    def key_of(self, store: Store) -> Key | None:
        """Return the key of the app that encrypts a queue, topic, event bus or bucket; None if there is none."""
        for key in self.keys:
            if store.key is not None and store.key in (key.arn, key.resource.physical_id, *key.aliases):
                return key
        return None
