"""The routes over buses and topics on which records travel on, and how we travel them ourselves.

The engine would run a rule's or a subscription's Lambda functions on its own, without their retries and destinations,
and deliver incomplete records. So once something is deployed its routes to functions are read over the services' APIs
and bent to probe queues: the engine still matches, filters and transforms, and what it would have handed to the
function arrives at the probe.
"""

import json
import threading
from dataclasses import dataclass
from typing import Any

from .._clients import Clients
from ._queues import PROBE_PREFIX, Probe

DEFAULT_STATEMENT = "__default_statement_ID"  # of the policy that a topic has if it is given none


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


class Routes:
    """The rules and subscriptions of one account and region."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.lock = threading.RLock()
        self._rules: dict[str, dict[str, Rule]] = {}
        self._bus_probes: dict[str, Probe] = {}
        self._bus_locks: dict[str, threading.Lock] = {}
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._topic_probes: dict[str, Probe] = {}
        self._queue_subscriptions: dict[str, list[QueueSubscription]] = {}
        self._consumers: dict[str, list[str]] = {}

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
                events = self.clients["events"]
                events.describe_event_bus(Name=bus)  # put_events would take an event for one that is not there
                probe = Probe(self.clients)
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
                self._close_topic(topic_arn)
                self.clients["sns"].subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=probe.arn)
                self._topic_probes[topic_arn] = probe
            return self._topic_probes[topic_arn]

    def _close_topic(self, topic_arn: str) -> None:
        """Give a topic AWS's own default policy: the engine's lets in whoever asks, with no condition."""
        sns, owner = self.clients["sns"], topic_arn.split(":")[4]
        policy = json.loads(sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"].get("Policy") or "{}")
        for statement in policy.get("Statement", []):
            if statement.get("Sid") == DEFAULT_STATEMENT and "Condition" not in statement:
                statement["Condition"] = {"StringEquals": {"AWS:SourceOwner": owner}}
                sns.set_topic_attributes(TopicArn=topic_arn, AttributeName="Policy", AttributeValue=json.dumps(policy))

    def subscribed_functions(self, topic_arn: str) -> list[Subscription]:
        """The functions that are subscribed to a topic."""
        return list(self._subscriptions.get(topic_arn, ()))

    def subscribed_queues(self, topic_arn: str) -> list[QueueSubscription]:
        """The queues of the user that are subscribed to a topic."""
        with self.lock:
            if topic_arn not in self._queue_subscriptions:
                self._queue_subscriptions[topic_arn] = self._list_queues(topic_arn)
            return self._queue_subscriptions[topic_arn]

    def _list_queues(self, topic_arn: str) -> list[QueueSubscription]:
        found, sns = [], self.clients["sns"]
        for each in self._pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic_arn):
            if each["Protocol"] != "sqs" or f":{PROBE_PREFIX}" in each["Endpoint"]:
                continue
            read = sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]
            raw, filtered = read.get("RawMessageDelivery") == "true", bool(read.get("FilterPolicy"))
            found.append(QueueSubscription(queue_arn=each["Endpoint"], raw=raw, filtered=filtered))
        return found

    def consumers_note(self, queue_arn: str) -> str | None:
        """What to say of the functions that consume a queue, or None."""
        names = self._consumers.get(queue_arn)
        return f"not passed on to its consumer {', '.join(names)}" if names else None

    def hold(self) -> None:
        """Bend every route to a function that is not bent yet; after each deployment."""
        with self.lock:
            self._queue_subscriptions.clear()
            for bus in self._pages("events", "list_event_buses", "EventBuses"):
                self._hold_rules(bus["Name"])
            for each in self._pages("sns", "list_subscriptions", "Subscriptions"):
                if each["Protocol"] == "lambda":
                    self._hold_subscription(each)
            self._hold_consumers()

    def _hold_rules(self, bus: str) -> None:
        events, held = self.clients["events"], self._rules.setdefault(bus, {})
        for rule in self._pages("events", "list_rules", "Rules", EventBusName=bus):
            skip = (
                rule["Name"].startswith(PROBE_PREFIX) or rule.get("State") == "DISABLED" or not rule.get("EventPattern")
            )
            if skip or rule["Arn"] in held:
                continue
            targets = []
            for each in self._pages("events", "list_targets_by_rule", "Targets", Rule=rule["Name"], EventBusName=bus):
                probe = Probe(self.clients)
                shadow: dict[str, Any] = {
                    key: each[key] for key in ("Input", "InputPath", "InputTransformer") if key in each
                }
                # A function's target is replaced; any other gets a shadow beside it.
                target_id = each["Id"] if ":lambda:" in each["Arn"] else probe.name
                events.put_targets(
                    Rule=rule["Name"], EventBusName=bus, Targets=[{"Id": target_id, "Arn": probe.arn, **shadow}]
                )
                if ":sns:" in each["Arn"]:
                    self.topic_probe(each["Arn"])  # it has to listen before the first event
                targets.append(RuleTarget(arn=each["Arn"], input_path=each.get("InputPath"), probe=probe))
            held[rule["Arn"]] = Rule(arn=rule["Arn"], name=rule["Name"], pattern=rule["EventPattern"], targets=targets)

    def _hold_consumers(self) -> None:
        # A consumer would race us for the message; and it is invoked synchronously, so its destinations do not apply.
        client = self.clients["lambda"]
        for page in client.get_paginator("list_event_source_mappings").paginate():
            for each in page["EventSourceMappings"]:
                if ":sqs:" in each.get("EventSourceArn", "") and each["State"] in {"Creating", "Enabled", "Enabling"}:
                    client.update_event_source_mapping(UUID=each["UUID"], Enabled=False)
                    name = each["FunctionArn"].split(":", 6)[6]
                    self._consumers.setdefault(each["EventSourceArn"], []).append(name)

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

    def release(self, arns: set[str]) -> None:
        """Forget the routes of an app whose stacks are about to be deleted, and take our own rules off its buses."""
        with self.lock:
            for bus in [bus for bus in self._bus_probes if any(arn.endswith(f":event-bus/{bus}") for arn in arns)]:
                name, events = self._bus_probes[bus].name, self.clients["events"]
                events.remove_targets(Rule=name, EventBusName=bus, Ids=["probe"])
                events.delete_rule(Name=name, EventBusName=bus)
                self._bus_probes.pop(bus).close()
            for arn in arns:
                self._consumers.pop(arn, None)
            for topic in [topic for topic in self._topic_probes if topic in arns]:
                self._topic_probes.pop(topic).close()
            for topic in [topic for topic in self._subscriptions if topic in arns]:
                for subscription in self._subscriptions.pop(topic):
                    subscription.probe.close()
            for held in self._rules.values():
                for arn in [arn for arn in held if rule_key(arn) in arns]:
                    for target in held.pop(arn).targets:
                        target.probe.close()


def rule_key(arn: str) -> str:
    """The ARN of a rule without its bus, which CloudFormation does not tell; any other ARN as it is."""
    head, found, path = arn.partition(":rule/")
    return f"{head}:rule/{path.rsplit('/', 1)[-1]}" if found else arn
