"""Shadows: an event bus and topics of our own, which show what the engine makes of a record.

The engine would run the functions behind a rule or a subscription itself, without their retries and destinations. It
also does not check the policies of a rule's targets. So a record is sent to an event bus or topic of ours. The engine
takes the event, gives it an id, matches it and filters it. We decide what that means for the user's targets, and do it.
Events that others send to the user's own event bus or topic are not affected, and do not reach the shadows.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .._environment import Environment
from ._probes import PROBE_PREFIX, Probe


@dataclass(kw_only=True, slots=True)
class ShadowBus:
    """One event bus for all buses of an account and region: an event does not say which bus it is on."""

    name: str
    probe: Probe


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """A subscription of the user to a topic."""

    arn: str
    protocol: str
    endpoint: str
    attributes: dict[str, str]

    @property
    def filtered(self) -> bool:
        """Whether it has a filter policy."""
        return bool(self.attributes.get("FilterPolicy"))

    @property
    def raw(self) -> bool:
        """Whether a queue gets only the message."""
        return self.attributes.get("RawMessageDelivery") == "true"

    @property
    def dead_letter_arn(self) -> str | None:
        """The dead-letter queue for what cannot be delivered."""
        found: str | None = json.loads(self.attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
        return found


@dataclass(kw_only=True, slots=True)
class ShadowTopic:
    """The shadow of a topic of the user; `filters` are the probes of filtered subscriptions, by their ARN."""

    arn: str
    probe: Probe
    filters: dict[str, Probe] = field(default_factory=dict)


def shadow_bus(env: Environment) -> ShadowBus:
    """The shadow bus of an account and region, created on first use."""
    with env.lock:
        if "bus" not in env.shadows:
            events, probe = env.clients["events"], Probe(env.clients, "id")
            events.create_event_bus(Name=probe.name)
            pattern = json.dumps({"source": [{"prefix": ""}]})
            events.put_rule(Name=probe.name, EventBusName=probe.name, EventPattern=pattern, State="ENABLED")
            events.put_targets(Rule=probe.name, EventBusName=probe.name, Targets=[{"Id": "probe", "Arn": probe.arn}])
            env.shadows["bus"] = ShadowBus(name=probe.name, probe=probe)
        found: ShadowBus = env.shadows["bus"]
        return found


def subscriptions(env: Environment, topic_arn: str) -> list[Subscription]:
    """The confirmed subscriptions of the user to a topic."""

    def read() -> list[Subscription]:
        sns, found = env.clients["sns"], []
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
            for each in page["Subscriptions"]:
                if each["SubscriptionArn"].startswith("arn:"):
                    arn = each["SubscriptionArn"]
                    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
                    found.append(
                        Subscription(
                            arn=arn, protocol=each["Protocol"], endpoint=each["Endpoint"], attributes=attributes
                        )
                    )
        return found

    found: list[Subscription] = env.memo(("subscriptions", topic_arn), read)
    return found


def shadow_topic(env: Environment, topic_arn: str) -> ShadowTopic:
    """The shadow of a topic, created on first use, with the filters that the subscriptions have now."""
    with env.lock:
        if topic_arn not in env.shadows:
            probe = Probe(env.clients, "MessageId")
            arn = env.clients["sns"].create_topic(Name=probe.name)["TopicArn"]
            # The engine delivers in the order of the subscriptions: when this probe has a message, so have the filters.
            env.clients["sns"].subscribe(TopicArn=arn, Protocol="sqs", Endpoint=probe.arn)
            env.shadows[topic_arn] = ShadowTopic(arn=arn, probe=probe)
        shadow: ShadowTopic = env.shadows[topic_arn]
        for each in subscriptions(env, topic_arn):
            if each.filtered and each.arn not in shadow.filters:
                shadow.filters[each.arn] = _filter(env, shadow.arn, each)
        return shadow


def _filter(env: Environment, shadow_arn: str, subscription: Subscription) -> Probe:
    probe = Probe(env.clients, "MessageId")
    names = ("FilterPolicy", "FilterPolicyScope")
    kept: dict[str, Any] = {name: subscription.attributes[name] for name in names if subscription.attributes.get(name)}
    env.clients["sns"].subscribe(TopicArn=shadow_arn, Protocol="sqs", Endpoint=probe.arn, Attributes=kept)
    return probe


def release(env: Environment, arns: Iterable[str]) -> None:
    """Delete the shadows of topics that are about to be deleted."""
    with env.lock:
        for arn in [each for each in arns if each in env.shadows]:
            shadow: ShadowTopic = env.shadows.pop(arn)
            env.clients["sns"].delete_topic(TopicArn=shadow.arn)
            for probe in (shadow.probe, *shadow.filters.values()):
                probe.close()


def is_ours(name: str) -> bool:
    """Whether a resource with this name is one of ours."""
    return PROBE_PREFIX in name
