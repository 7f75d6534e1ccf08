"""Runs and deliveries, one leading to the other, until everything has arrived."""

import itertools
import json
from collections import Counter
from collections.abc import Callable

from botocore.exceptions import ClientError

from ._deliver import send
from ._environment import Environment, Rule, RuleTarget, is_missing
from ._invoke import Clock, read_record, record_text, run_to_end
from ._policy import allowed, statements
from ._queues import find_message
from ._trace import Delivery, Run

LONGEST_CHAIN = 16  # runs of one function in a chain, then Lambda drops the event
MOST_RUNS = 1000  # of one tree: a fan-out that feeds itself doubles with each round


class Runner:
    """Follows one invocation through the engine. `environment_of` gives the environment of an ARN."""

    def __init__(self, environment_of: Callable[[str], Environment], *, real_time: bool) -> None:
        self._environment_of, self._real_time = environment_of, real_time
        self._runs = itertools.count(1)

    def run(self, function_arn: str, payload: str, chain: Counter[str] | None = None, *, over_bus: bool = False) -> Run:
        """Invoke a function, qualified or not, with JSON text, and deliver what comes of it.

        `chain` counts the runs of each function that led here; `over_bus` says whether an event bus was among the legs.
        """
        env, parts = self._environment_of(function_arn), function_arn.split(":")
        function, qualifier = parts[6], parts[7] if len(parts) > 7 else "$LATEST"  # noqa: PLR2004 (an ARN's parts)
        arn = ":".join([*parts[:7], qualifier])
        chain = Counter(chain)
        stopped = env.refusals.get(function) or self._stop(chain, function, over_bus=over_bus)
        if stopped:
            return Run(
                function=env.target(arn), qualifier=qualifier, condition="Stopped", attempts=0, record=None, stopped=stopped
            )
        chain[function] += 1
        clock, config = Clock(real=self._real_time), env.config(function, qualifier)
        outcome = run_to_end(env, function, qualifier, payload, config, clock)
        body = record_text(outcome, arn, payload, clock.timestamp())
        run = Run(
            function=env.target(arn),
            qualifier=qualifier,
            condition=outcome.condition,
            attempts=outcome.attempts,
            record=read_record(body),
            logs=outcome.logs,
        )
        on, destination = ("on success", config.on_success) if run.succeeded else ("on failure", config.on_failure)
        facts = env.facts(function, qualifier)
        if destination is not None:
            self._deliver(run, on, destination, body, facts.role_arn, chain, over_bus=over_bus)
        if facts.dead_letter_arn is not None and not run.succeeded:
            self._deliver(run, "dead-letter queue", facts.dead_letter_arn, payload, facts.role_arn, chain, over_bus=over_bus)
        return run

    def _stop(self, chain: Counter[str], function: str, *, over_bus: bool) -> str | None:
        if next(self._runs) > MOST_RUNS:
            return f"this invocation has led to {MOST_RUNS} runs already; it feeds itself"
        if chain[function] < LONGEST_CHAIN:
            return None
        if over_bus:
            return f"endless loop, stopped here after {LONGEST_CHAIN} runs; Lambda does not notice a loop over an event bus"
        return f"recursive loop, Lambda drops the event after {LONGEST_CHAIN} runs in a chain"

    def _deliver(
        self, run: Run, on: str, arn: str, body: str, role_arn: str, chain: Counter[str], *, over_bus: bool
    ) -> None:
        env = self._environment_of(arn)
        assert run.record is not None
        delivery = Delivery(on=on, target=env.target(arn), record=run.record, body=body)
        run.deliveries.append(delivery)
        service = arn.split(":")[2]
        if service == "events":
            self._deliver_to_bus(env, delivery, role_arn, chain)
            return
        send(env, delivery, role_arn)
        if delivery.problem:
            return
        if service == "lambda":
            delivery.runs.append(self.run(arn, body, chain, over_bus=over_bus))
        elif service == "sns":
            self._follow_topic(env, delivery, chain, over_bus=over_bus)

    def _deliver_to_bus(self, env: Environment, delivery: Delivery, role_arn: str, chain: Counter[str]) -> None:
        bus = delivery.target.arn.rsplit("/", 1)[-1]
        with env.bus_lock(bus):
            send(env, delivery, role_arn)
            passed = self._passed(env, bus, delivery.arrived) if delivery.arrived is not None else []
        if delivery.arrived is not None and not passed:
            delivery.note = _unmatched(env.rules(bus), delivery.record.function_arn)
        for rule, target, text in passed:
            label = env.target(rule.arn).label
            onward = Delivery(
                on=f"rule {label} matches", target=env.target(target.arn), record=delivery.record, body=text or ""
            )
            delivery.passed_on.append(onward)
            if target.input_path == "$.detail.responsePayload":
                onward.note = "response only"
            if text is None:
                onward.problem = "the rule matches, but the event did not arrive"
            else:
                self._follow_rule(env, onward, rule, chain)

    def _passed(self, env: Environment, bus: str, event: str) -> list[tuple[Rule, RuleTarget, str | None]]:
        """What each matching rule hands to each of its targets."""
        found = []
        for rule in env.rules(bus):
            if env.clients["events"].test_event_pattern(EventPattern=rule.pattern, Event=event)["Result"]:
                found += [(rule, target, target.probe.next()) for target in rule.targets]
        return found

    def _follow_rule(self, env: Environment, onward: Delivery, rule: Rule, chain: Counter[str]) -> None:
        service = onward.target.arn.split(":")[2]
        if service not in {"lambda", "sns", "sqs"}:
            onward.note = f"{service} targets are not followed"
        elif not _service_may(env, "events.amazonaws.com", onward, rule.arn):
            return
        elif service == "lambda":
            onward.runs.append(self.run(onward.target.arn, onward.body, chain, over_bus=True))
        elif service == "sqs":
            _look_in_queue(env, onward, lambda _, body: body == onward.body)
        else:
            probe = env.topic_probe(onward.target.arn)
            onward.arrived = probe.find(lambda body: bool(json.loads(body)["Message"] == onward.body))
            onward.read_back = onward.arrived is not None
            if onward.arrived is not None:
                onward.message_id = json.loads(onward.arrived)["MessageId"]
                self._follow_topic(env, onward, chain, over_bus=True)

    def _follow_topic(self, env: Environment, delivery: Delivery, chain: Counter[str], *, over_bus: bool) -> None:
        topic, message_id = delivery.target.arn, delivery.message_id
        for subscription in env.subscribed_functions(topic):
            # The engine passes a notification on before it answers; another endpoint may need a moment.
            patience = 1.0 if subscription.filtered else 5.0
            text = subscription.probe.find(lambda body: bool(json.loads(body)["MessageId"] == message_id), patience)
            if text is None and subscription.filtered:
                continue
            onward = Delivery(
                on="subscription", target=env.target(subscription.function_arn), record=delivery.record, body=text or ""
            )
            delivery.passed_on.append(onward)
            if text is None:
                onward.problem = "the notification did not arrive"
            elif _service_may(env, "sns.amazonaws.com", onward, topic):
                notification = {
                    "EventSource": "aws:sns",
                    "EventVersion": "1.0",
                    "EventSubscriptionArn": subscription.arn,
                    "Sns": json.loads(text),
                }
                event = json.dumps({"Records": [notification]}, ensure_ascii=False)
                onward.runs.append(self.run(subscription.function_arn, event, chain, over_bus=over_bus))
        for each in env.subscribed_queues(topic):
            onward = Delivery(on="subscription", target=env.target(each.queue_arn), record=delivery.record, body=delivery.body)
            if each.raw:
                wanted: Callable[[str, str], bool] = lambda _, body: body == delivery.body  # noqa: E731 (two lines less)
            else:
                wanted = lambda _, body: f'"{message_id}"' in body  # noqa: E731
            if each.filtered and find_message(
                env.clients, each.queue_arn, wanted, peek_url=env.peek_url, seconds=1.0
            ) is None:
                continue
            delivery.passed_on.append(onward)
            if _service_may(env, "sns.amazonaws.com", onward, topic):
                _look_in_queue(env, onward, wanted)


def _look_in_queue(env: Environment, onward: Delivery, wanted: Callable[[str, str], bool]) -> None:
    found = find_message(env.clients, onward.target.arn, wanted, peek_url=env.peek_url)
    if found is None:
        onward.problem = "the message did not arrive"
        return
    onward.message_id, onward.arrived = found
    text = onward.arrived
    if text != onward.body and text.startswith("{"):
        text = json.loads(text).get("Message", text)
    onward.read_back = text == onward.body


def _service_may(env: Environment, service: str, onward: Delivery, source_arn: str) -> bool:
    """Whether the target's own policy lets a service in; the engine passes events on without asking."""
    arn = onward.target.arn
    kind, action = {
        "lambda": ("AWS::Lambda::Permission", "lambda:InvokeFunction"),
        "sns": ("AWS::SNS::TopicPolicy", "sns:Publish"),
        "sqs": ("AWS::SQS::QueuePolicy", "sqs:SendMessage"),
    }[arn.split(":")[2]]
    try:
        policy = statements(_resource_policy(env, arn))
    except ClientError as error:
        if not is_missing(error):
            raise
        policy = []
    granted = allowed(
        policy,
        action,
        arn,
        principal=service,
        aws_SourceArn=source_arn,
        aws_SourceAccount=source_arn.split(":")[4],
    )
    onward.permission = f"{action} {'allowed' if granted else 'denied'}"
    if not granted:
        onward.problem = f"{service} may not {action}; add an {kind} for {source_arn}"
    return granted


def _resource_policy(env: Environment, arn: str) -> str | None:
    parts, service = arn.split(":"), arn.split(":")[2]
    if service == "lambda":
        where = {"Qualifier": parts[7]} if len(parts) > 7 else {}  # noqa: PLR2004 (an ARN's parts)
        return str(env.clients["lambda"].get_policy(FunctionName=parts[6], **where)["Policy"])
    if service == "sns":
        return str(env.clients["sns"].get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy") or "{}")
    url = env.clients["sqs"].get_queue_url(QueueName=parts[5], QueueOwnerAWSAccountId=parts[4])["QueueUrl"]
    read = env.clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return str(read.get("Attributes", {}).get("Policy") or "{}")


def _unmatched(rules: list[Rule], function_arn: str) -> str:
    """What to say of an event that no rule wanted; the usual reason is a rule for another qualifier."""
    base, qualifier = function_arn.rsplit(":", 1)
    near = [rule.name for rule in rules if base in rule.pattern and function_arn not in rule.pattern]
    if near:
        return f"no rule matches; {', '.join(near)} names this function, but not {qualifier}"
    return "no rule matches"
