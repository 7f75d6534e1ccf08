"""Make deliveries and follow them over event buses, topics and queues to functions, to the end."""

import json
from collections.abc import Callable
from typing import Any

from ...policy import Document
from .._arn import Arn
from .._clients import ClientError, is_missing
from .._environment import Environment
from .._resource_policies import resource_policy_of
from .._result._codes import Leg
from .._result._tree import Delivery, Run
from ._chain import Chain
from ._clock import Clock
from ._consumers import Batch, Reading, readings
from ._inputs import Unclear, target_input
from ._messages import event_attributes, sns_body
from ._permissions import Permissions
from ._rules import Rule, bus_exists, missed, rules
from ._services import SERVICES, Extras, service_of
from ._shadows import Subscription, shadow_topic, subscriptions

_EVENTS, _SNS = "events.amazonaws.com", "sns.amazonaws.com"

RunFunction = Callable[[str, str, Chain], Run]
Consume = Callable[[Delivery, Reading, Batch, Chain], None]


class Onward:
    """Delivers, and follows what was delivered.

    :param run: invokes a function asynchronously
    :param consume: runs the consumer of a queue
    """

    def __init__(
        self, environment_of: Callable[[str], Environment], run: RunFunction, consume: Consume, clock: Clock
    ) -> None:
        self._environment_of, self._run, self._consume, self._clock = environment_of, run, consume, clock
        self._permissions = Permissions(environment_of)

    def policy(self, arn: str) -> Document | None:
        """The resource policy of a target."""
        env = self._environment_of(arn)
        return env.memo(("policy", arn), lambda: resource_policy_of(env, arn))

    def by_role(self, delivery: Delivery, role_arn: str, chain: Chain, extras: Extras) -> None:
        """Deliver a record, or an event to a dead-letter queue, with the execution role of the function."""
        assert delivery.record is not None
        arn = delivery.record.function_arn
        outcome = "Success" if delivery.leg is Leg.ON_SUCCESS else "Failure"
        if self._known_kind(delivery) and self._permissions.role_may(delivery, role_arn, arn, outcome):
            self.into(delivery, chain, extras)

    def into(self, delivery: Delivery, chain: Chain, extras: Extras) -> None:
        """Send to a target without asking for permission, and follow what comes of it."""
        target = Arn.parse(delivery.target.arn)
        env, service = self._environment_of(delivery.target.arn), service_of(delivery.target.arn)
        try:
            if not self._fits(env, delivery, extras):
                return
            if service.service == "sqs":
                self._into_queue(env, delivery, chain, extras)
                return
            if service.service == "events" and not bus_exists(env, target.bus or ""):
                delivery.lose("missing", arn=delivery.target.arn)
                return
            service.send(env, delivery, extras)
        except ClientError as error:
            _refused(delivery, error)
            return
        if not _arrived(delivery) or not delivery.accepted:
            return
        if service.service == "lambda":
            delivery.runs.append(self._run(delivery.target.arn, delivery.body, chain))
        elif service.service == "sns":
            self._over_topic(env, delivery, chain, extras)
        elif service.service == "events" and delivery.arrived is not None:
            self._over_bus(env, delivery, json.loads(delivery.arrived), chain.after_bus(delivery.target.arn))

    @staticmethod
    def _known_kind(delivery: Delivery) -> bool:
        arn = Arn.find(delivery.target.arn)
        if arn is not None and arn.service in SERVICES:
            return True
        if arn is not None and arn.service == "unknown":
            delivery.doubt("placeholder")
        else:
            delivery.doubt("not-followed", kind=arn.service if arn is not None else delivery.target.arn)
        return False

    @staticmethod
    def _fits(env: Environment, delivery: Delivery, extras: Extras) -> bool:
        service = service_of(delivery.target.arn)
        limit = service.limit(env, Arn.parse(delivery.target.arn))
        size = len(delivery.body.encode("utf-8", "replace")) + extras.size
        size += service.envelope(delivery) if delivery.record is not None else 0
        if limit is None or size <= limit:
            return True
        delivery.lose("too-large", size=size, service=service.service, limit=limit)
        return False

    def _into_queue(self, env: Environment, delivery: Delivery, chain: Chain, extras: Extras) -> None:
        arn = delivery.target.arn
        found = readings(env, arn)
        running = [each for each in found if each.function.name not in self._env_of(each).refusals]
        batch = None
        if running:
            with env.queue_lock(arn):  # nobody else may receive before our message is received
                service_of(arn).send(env, delivery, extras)
                if _arrived(delivery):
                    size = int(running[0].mapping.properties.get("BatchSize", 10))
                    batch = Batch(env, arn, str(delivery.message_id), size)
        else:
            service_of(arn).send(env, delivery, extras)
            _arrived(delivery)
        for each in found:
            if each not in running and delivery.accepted:
                delivery.runs.append(self._run(str(each.function), "{}", chain))  # the run says why it does not start
        if batch is None or not batch.own:
            return
        if batch.passes(env, running[0], self._clock):
            self._consume(delivery, running[0], batch, chain)
        else:
            batch.settle_others(None)
            delivery.note("filtered-out", by="filter criteria of its consumer")

    def _env_of(self, reading: Reading) -> Environment:
        return self._environment_of(str(reading.function))

    def _over_bus(self, env: Environment, delivery: Delivery, event: dict[str, Any], chain: Chain) -> None:
        bus = Arn.parse(delivery.target.arn)
        text = json.dumps(event)
        matched = [each for each in rules(env) if each.bus == bus.bus and each.matches(env, text)]
        if delivery.record is not None and delivery.leg in {Leg.ON_SUCCESS, Leg.ON_FAILURE}:
            delivery.missed += missed(env, delivery.target.arn, delivery.record.function_arn, matched)
        if not matched and not delivery.missed:
            delivery.note("no-rule-matches")
        for rule in matched:
            if not rule.targets:
                delivery.note("rule-without-targets", rule=env.target(str(rule.arn)).label)
            for target in rule.targets:
                onward = Delivery(
                    leg=Leg.RULE,
                    via=env.target(str(rule.arn)).label,
                    target=self._environment_of(target["Arn"]).target(target["Arn"]),
                    record=delivery.record,
                    body="",
                )
                delivery.passed_on.append(onward)
                self._to_target(onward, rule, target, event, chain)

    def _to_target(
        self, onward: Delivery, rule: Rule, target: dict[str, Any], event: dict[str, Any], chain: Chain
    ) -> None:
        given = target_input(target, event, rule.arn)
        if isinstance(given, Unclear):
            (onward.lose if given.known else onward.doubt)(given.finding.code, **given.finding.data)
        else:
            onward.body = given
            self._hand_over(onward, rule, target, event, chain)
        if target.get("InputPath") == "$.detail.responsePayload" and onward.accepted:
            onward.note("response-only")
        dead_letter = (target.get("DeadLetterConfig") or {}).get("Arn")
        if onward.problem is not None and not onward.accepted and dead_letter:
            body = onward.body or json.dumps(event)
            self._undelivered(onward, dead_letter, _EVENTS, str(rule.arn), body, event_attributes(rule, onward), chain)

    def _hand_over(
        self, onward: Delivery, rule: Rule, target: dict[str, Any], event: dict[str, Any], chain: Chain
    ) -> None:
        arn = Arn.parse(onward.target.arn)
        if not self._known_kind(onward):
            return
        if arn.service != "events" and arn.region != rule.arn.region:
            onward.lose("other-region", arn=onward.target.arn)
            return
        # Functions, queues and topics allow EventBridge in their own policies; a role counts only for event buses.
        role_arn = target.get("RoleArn") if arn.service == "events" else None
        if not self._permissions.service_may(onward, _EVENTS, str(rule.arn), role_arn):
            return
        if arn.service == "events":
            self._to_other_bus(onward, event, chain)
        elif arn.service == "lambda" and not _is_json(onward.body):
            onward.lose("bad-input", text=onward.body)
        else:
            group = (target.get("SqsParameters") or {}).get("MessageGroupId")
            self.into(onward, chain, Extras(group=group))

    def _to_other_bus(self, onward: Delivery, event: dict[str, Any], chain: Chain) -> None:
        env, arn = self._environment_of(onward.target.arn), Arn.parse(onward.target.arn)
        if not bus_exists(env, arn.bus or ""):
            onward.lose("missing", arn=onward.target.arn)
        elif onward.target.arn in chain.buses:
            onward.doubt("loop-of-buses", bus=onward.target.label)
        else:
            onward.message_id = event["id"]
            self._over_bus(env, onward, event, chain.after_bus(onward.target.arn))

    def _over_topic(self, env: Environment, delivery: Delivery, chain: Chain, extras: Extras) -> None:
        topic = delivery.target.arn
        found = subscriptions(env, topic)
        if not found:
            delivery.note("no-subscription")
        filters = shadow_topic(env, topic).filters
        for each in found:
            endpoint = self._environment_of(each.endpoint).target(each.endpoint) if ":" in each.endpoint else None
            target = endpoint or env.target(each.endpoint)
            if each.filtered and delivery.read_back is None:
                onward = Delivery(leg=Leg.SUBSCRIPTION, target=target, record=delivery.record, body="")
                onward.doubt("filter-unknown")
                delivery.passed_on.append(onward)
                continue
            if each.filtered and filters[each.arn].find(str(delivery.message_id), env.patience) is None:
                delivery.note("filtered-out", by=f"subscription of {target.label}")
                continue
            onward = Delivery(leg=Leg.SUBSCRIPTION, target=target, record=delivery.record, body="")
            delivery.passed_on.append(onward)
            self._to_subscriber(onward, each, delivery, chain, extras)

    def _to_subscriber(
        self, onward: Delivery, subscription: Subscription, delivery: Delivery, chain: Chain, extras: Extras
    ) -> None:
        topic, notification = delivery.target.arn, json.loads(delivery.arrived or "{}")
        if subscription.protocol not in {"lambda", "sqs"}:
            onward.doubt("not-followed", kind=subscription.protocol)
            return
        carried = extras if subscription.raw else Extras()
        onward.body = sns_body(notification, subscription, delivery.body)
        if onward.target.arn.endswith(".fifo"):
            onward.lose("fifo-subscription")
        elif self._permissions.service_may(onward, _SNS, topic):
            self.into(onward, chain, carried)
        if not onward.accepted and subscription.dead_letter_arn:
            where = subscription.dead_letter_arn
            self._undelivered(onward, where, _SNS, topic, onward.body, carried.attributes, chain)

    def _undelivered(  # noqa: PLR0913, PLR0917  (each belongs to one delivery)
        self,
        failed: Delivery,
        arn: str,
        service: str,
        source_arn: str,
        body: str,
        attributes: dict[str, Any],
        chain: Chain,
    ) -> None:
        """Send what could not be handed on to the dead-letter queue of the rule's target or of the subscription."""
        target = self._environment_of(arn).target(arn)
        onward = Delivery(leg=Leg.UNDELIVERED, target=target, record=failed.record, body=body)
        if failed.verdict.value != "lost":
            return  # it may have arrived
        failed.passed_on.append(onward)
        if self._known_kind(onward) and self._permissions.service_may(onward, service, source_arn):
            self.into(onward, chain, Extras(attributes=attributes))


def _arrived(delivery: Delivery) -> bool:
    """Whether what was sent has arrived unchanged; if not, the delivery is lost."""
    if not delivery.accepted:
        return False
    if delivery.message_id is not None and delivery.arrived is None and ":function:" not in delivery.target.arn:
        delivery.lose("not-arrived")
    elif delivery.read_back is False:
        delivery.lose("different")
    return delivery.accepted


def _refused(delivery: Delivery, error: ClientError) -> None:
    if is_missing(error):
        delivery.lose("missing", arn=delivery.target.arn)
    else:
        said = error.response["Error"]
        delivery.lose("refused", error=said.get("Code"), message=said.get("Message"))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
