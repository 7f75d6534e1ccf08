"""One account and region of the engine: what is deployed there, and which asynchronous routes we travel ourselves.

The engine would run a rule's or a subscription's Lambda functions on its own, without their retries and destinations,
and deliver incomplete records. So once something is deployed its routes to functions are read over the services' APIs
and bent to probe queues: the engine still matches, filters and transforms, and what it would have handed to the
function arrives at the probe.
"""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from ._clients import Clients
from ._queues import PROBE_PREFIX, Probe
from ._trace import Target

_NOT_FOUND = {"404", "NoSuchBucket", "NotFound", "NotFoundException", "ResourceNotFoundException"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AsyncConfig:
    """An EventInvokeConfig with Lambda's defaults; ages in seconds."""

    retries: int = 2
    max_age: int = 21600
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(kw_only=True, slots=True)
class RuleTarget:
    """A target of a rule, and the probe that receives what the target would."""

    arn: str
    input_path: str | None
    probe: Probe


@dataclass(kw_only=True, slots=True)
class Rule:
    """A rule with an event pattern."""

    arn: str
    name: str
    pattern: str
    targets: list[RuleTarget]


@dataclass(kw_only=True, slots=True)
class Subscription:
    """A function that is subscribed to a topic, and the probe that receives its notifications."""

    arn: str
    function_arn: str
    filtered: bool
    probe: Probe


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueSubscription:
    """A queue that is subscribed to a topic."""

    queue_arn: str
    raw: bool
    filtered: bool


@dataclass(kw_only=True, slots=True)
class FunctionFacts:
    """What of a function or one of its versions counts for its runs."""

    arn: str
    role_arn: str
    dead_letter_arn: str | None


@dataclass(slots=True)
class Environment:
    """The deployed things of one account and region. `wrapped` names the functions that run on our own runtimes."""

    clients: Clients
    peek_url: str | None
    targets: dict[str, Target] = field(default_factory=dict)
    wrapped: set[str] = field(default_factory=set)
    refusals: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _configs: dict[str, dict[str, AsyncConfig]] = field(default_factory=dict)
    _facts: dict[tuple[str, str], FunctionFacts] = field(default_factory=dict)
    _rules: dict[str, dict[str, Rule]] = field(default_factory=dict)
    _bus_probes: dict[str, Probe] = field(default_factory=dict)
    _bus_locks: dict[str, threading.Lock] = field(default_factory=dict)
    _subscriptions: dict[str, list[Subscription]] = field(default_factory=dict)
    _topic_probes: dict[str, Probe] = field(default_factory=dict)

    def target(self, arn: str) -> Target:
        """The deployed resource of this ARN, or one that is named by its ARN alone."""
        known = self.targets.get(arn)
        if known is not None:
            return known
        base = self.targets.get(":".join(arn.split(":")[:7])) if ":function:" in arn else None
        if base is not None:
            qualifier = arn.split(":")[7]
            names = frozenset({arn, *(f"{name}:{qualifier}" for name in base.names)})
            return Target(arn=arn, label=base.label, names=names | base.names if qualifier == "$LATEST" else names)
        name = arn.split(":", 5)[5].split("/", 1)[-1] if ":event-bus/" in arn else arn.split(":", 5)[5].removeprefix("function:")
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
            qualifier = parts[7] if len(parts) > 7 else None  # noqa: PLR2004 (an ARN with a qualifier)
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
        """The role and the dead-letter queue of a function or version; raises botocore's ClientError if there is none."""
        key = (function, qualifier)
        if key not in self._facts:
            where = {} if qualifier == "$LATEST" else {"Qualifier": qualifier}
            read = self.clients["lambda"].get_function_configuration(FunctionName=function, **where)
            self._facts[key] = FunctionFacts(
                arn=":".join(read["FunctionArn"].split(":")[:7]),
                role_arn=read["Role"],
                dead_letter_arn=(read.get("DeadLetterConfig") or {}).get("TargetArn"),
            )
        return self._facts[key]

    def bus_lock(self, bus: str) -> threading.Lock:
        """Held while one event passes a bus, so that what the rules pass on can be told apart."""
        with self.lock:
            return self._bus_locks.setdefault(bus, threading.Lock())

    def rules(self, bus: str) -> list[Rule]:
        """The enabled rules with a pattern on a bus."""
        return list(self._rules.get(bus, {}).values())

    def bus_probe(self, bus: str) -> Probe:
        """A probe that receives every event from `lambda` on a bus."""
        with self.lock:
            if bus not in self._bus_probes:
                probe, events = Probe(self.clients), self.clients["events"]
                pattern = json.dumps({"source": ["lambda"]})
                events.put_rule(Name=probe.name, EventBusName=bus, EventPattern=pattern, State="ENABLED")
                events.put_targets(Rule=probe.name, EventBusName=bus, Targets=[{"Id": "probe", "Arn": probe.arn}])
                self._bus_probes[bus] = probe
            return self._bus_probes[bus]

    def topic_probe(self, topic_arn: str) -> Probe:
        """A probe that receives every notification of a topic."""
        with self.lock:
            if topic_arn not in self._topic_probes:
                probe = Probe(self.clients)
                self.clients["sns"].subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=probe.arn)
                self._topic_probes[topic_arn] = probe
            return self._topic_probes[topic_arn]

    def subscribed_functions(self, topic_arn: str) -> list[Subscription]:
        """The functions that are subscribed to a topic."""
        return list(self._subscriptions.get(topic_arn, ()))

    def subscribed_queues(self, topic_arn: str) -> list[QueueSubscription]:
        """The queues of the user that are subscribed to a topic."""
        found, sns = [], self.clients["sns"]
        for each in self._pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic_arn):
            if each["Protocol"] != "sqs" or f":{PROBE_PREFIX}" in each["Endpoint"]:
                continue
            read = sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]
            raw, filtered = read.get("RawMessageDelivery") == "true", bool(read.get("FilterPolicy"))
            found.append(QueueSubscription(queue_arn=each["Endpoint"], raw=raw, filtered=filtered))
        return found

    def hold_routes(self) -> None:
        """Bend every route to a function that is not bent yet; after each deployment."""
        with self.lock:
            for bus in self._pages("events", "list_event_buses", "EventBuses"):
                self._hold_rules(bus["Name"])
            for each in self._pages("sns", "list_subscriptions", "Subscriptions"):
                if each["Protocol"] == "lambda":
                    self._hold_subscription(each)

    def _hold_rules(self, bus: str) -> None:
        events, held = self.clients["events"], self._rules.setdefault(bus, {})
        for rule in self._pages("events", "list_rules", "Rules", EventBusName=bus):
            skip = rule["Name"].startswith(PROBE_PREFIX) or rule.get("State") == "DISABLED" or not rule.get("EventPattern")
            if skip or rule["Arn"] in held:
                continue
            targets = []
            for each in self._pages("events", "list_targets_by_rule", "Targets", Rule=rule["Name"], EventBusName=bus):
                probe = Probe(self.clients)
                shadow = {key: each[key] for key in ("Input", "InputPath", "InputTransformer") if key in each}
                # A function's target is replaced; any other gets a shadow beside it.
                target_id = each["Id"] if ":lambda:" in each["Arn"] else probe.name
                events.put_targets(
                    Rule=rule["Name"], EventBusName=bus, Targets=[{"Id": target_id, "Arn": probe.arn, **shadow}]
                )
                if ":sns:" in each["Arn"]:
                    self.topic_probe(each["Arn"])  # it has to listen before the first event
                targets.append(RuleTarget(arn=each["Arn"], input_path=each.get("InputPath"), probe=probe))
            held[rule["Arn"]] = Rule(arn=rule["Arn"], name=rule["Name"], pattern=rule["EventPattern"], targets=targets)

    def _hold_subscription(self, each: dict[str, Any]) -> None:
        sns, probe = self.clients["sns"], Probe(self.clients)
        read = sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]
        kept = {key: read[key] for key in ("FilterPolicy", "FilterPolicyScope") if read.get(key)}
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
        sns.subscribe(TopicArn=each["TopicArn"], Protocol="sqs", Endpoint=probe.arn, Attributes=kept)
        self._subscriptions.setdefault(each["TopicArn"], []).append(
            Subscription(
                arn=each["SubscriptionArn"], function_arn=each["Endpoint"], filtered="FilterPolicy" in kept, probe=probe
            )
        )

    def _pages(self, service: str, call: str, member: str, **arguments: str) -> list[dict[str, Any]]:
        found, client = [], self.clients[service]
        while True:
            answer = getattr(client, call)(**arguments)
            found += answer.get(member, [])
            token = answer.get("NextToken")
            if not token:
                return found
            arguments = {**arguments, "NextToken": token}

    def release(self, functions: set[str], roles: set[str], arns: set[str]) -> None:
        """Forget an app whose stacks are about to be deleted, and take our own rules off its buses."""
        with self.lock:
            for function in functions:
                self._configs.pop(function, None)
                self.wrapped.discard(function)
                self.refusals.pop(function, None)
                for key in [key for key in self._facts if key[0] == function]:
                    del self._facts[key]
            for role in roles:
                self.clients.forget(role)
            for bus in [bus for bus in self._bus_probes if any(arn.endswith(f":event-bus/{bus}") for arn in arns)]:
                name, events = self._bus_probes[bus].name, self.clients["events"]
                events.remove_targets(Rule=name, EventBusName=bus, Ids=["probe"])
                events.delete_rule(Name=name, EventBusName=bus)
                self._bus_probes.pop(bus).close()
            for topic in [topic for topic in self._topic_probes if topic in arns]:
                self._topic_probes.pop(topic).close()
            for topic in [topic for topic in self._subscriptions if topic in arns]:
                for subscription in self._subscriptions.pop(topic):
                    subscription.probe.close()
            for held in self._rules.values():
                for arn in [arn for arn in held if arn in arns]:
                    for target in held.pop(arn).targets:
                        target.probe.close()
            for arn in arns:
                self.targets.pop(arn, None)


def is_missing(error: ClientError) -> bool:
    """Whether a service says that something does not exist."""
    code = str(error.response["Error"]["Code"])
    return code in _NOT_FOUND or "NonExistent" in code or "DoesNotExist" in code


def is_denied(error: ClientError) -> bool:
    """Whether a service says that a permission is lacking."""
    return "AccessDenied" in str(error.response["Error"]["Code"]) or "AuthorizationError" in str(error.response["Error"]["Code"])
