"""Runs and deliveries, one leading to the other, until everything has arrived."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...record import InvocationRecord
from .._environment import Environment
from .._result._tree import Delivery, Run
from ._deliver import send
from ._follow import (
    dead_rules,
    look_in_queue,
    pass_to_queues,
    passed_by_rules,
    passed_to_functions,
    service_may,
)
from ._invoke import Clock, Invocation, record_text
from ._routes import Rule

LONGEST_CHAIN = 16  # runs of one function in a chain, then Lambda drops the event
MOST_RUNS = 1000  # of one tree: a fan-out that feeds itself doubles with each round


@dataclass(frozen=True, slots=True)
class Chain:
    """What led to a run: how often each function ran, and whether an event bus was among the legs."""

    runs: Mapping[str, int] = field(default_factory=dict)
    over_bus: bool = False

    def after(self, function: str) -> "Chain":
        """The chain once a function has run again."""
        return Chain({**self.runs, function: self.runs.get(function, 0) + 1}, self.over_bus)

    def after_bus(self) -> "Chain":
        """The chain once the record has passed an event bus."""
        return Chain(self.runs, over_bus=True)

    def stop(self, function: str) -> str | None:
        """Why a function does not run once more, or None."""
        if self.runs.get(function, 0) < LONGEST_CHAIN:
            return None
        if self.over_bus:
            return (
                f"endless loop, stopped here after {LONGEST_CHAIN} runs; Lambda does not notice one over an event bus"
            )
        return f"recursive loop, Lambda drops the event after {LONGEST_CHAIN} runs in a chain"


class Runner:
    """Follows one invocation through the engine. `environment_of` gives the environment of an ARN."""

    def __init__(self, environment_of: Callable[[str], Environment], *, real_time: bool) -> None:
        self._environment_of, self._real_time = environment_of, real_time
        self._runs = itertools.count(1)

    def run(self, function_arn: str, payload: str, chain: Chain) -> Run:
        """Invoke a function, qualified or not, with JSON text, and deliver what comes of it."""
        env = self._environment_of(function_arn)
        _, _, _, _, _, _, function, *qualified = function_arn.split(":")
        qualifier = qualified[0] if qualified else "$LATEST"
        arn = function_arn if qualified else f"{function_arn}:$LATEST"
        stopped = env.refusals.get(function) or chain.stop(function)
        if next(self._runs) > MOST_RUNS:
            stopped = f"this invocation has led to {MOST_RUNS} runs already; it feeds itself"
        if stopped:
            return Run(function=env.target(arn), qualifier=qualifier, condition="Stopped", attempts=0, stopped=stopped)
        config, clock = env.config(function, qualifier), Clock(real=self._real_time)
        invocation = Invocation(env, function, qualifier, payload)
        outcome = invocation.run_to_end(config, clock)
        body = record_text(outcome, arn, payload, clock.timestamp())
        run = Run(
            function=env.target(arn),
            qualifier=qualifier,
            condition=outcome.condition,
            attempts=outcome.attempts,
            record=InvocationRecord.from_json(body),
            logs=outcome.logs,
        )
        facts = env.facts(function, qualifier)
        on, destination = ("on success", config.on_success) if run.succeeded else ("on failure", config.on_failure)
        sent = [(on, destination, body)]
        if not run.succeeded:
            sent.append(("dead-letter queue", facts.dead_letter_arn, payload))
        for why, target_arn, text in sent:
            if target_arn is not None:
                self._deliver(run, why, target_arn, text, facts.role_arn, chain.after(function))
        return run

    def _deliver(self, run: Run, on: str, arn: str, body: str, role_arn: str, chain: Chain) -> None:  # noqa: PLR0913, PLR0917 (all of one delivery)
        env = self._environment_of(arn)
        assert run.record is not None
        delivery = Delivery(on=on, target=env.target(arn), record=run.record, body=body)
        run.deliveries.append(delivery)
        match arn.split(":")[2]:
            case "events":
                self._over_bus(env, delivery, role_arn, chain.after_bus())
            case service:
                send(env, delivery, role_arn)
                if delivery.accepted and service == "lambda":
                    delivery.runs.append(self.run(arn, body, chain))
                elif delivery.accepted and service == "sns":
                    self._over_topic(env, delivery, chain)

    def _over_bus(self, env: Environment, delivery: Delivery, role_arn: str, chain: Chain) -> None:
        bus = delivery.target.arn.rsplit("/", 1)[-1]
        with env.routes.bus_lock(bus):
            send(env, delivery, role_arn)
            passed = passed_by_rules(env, bus, delivery.arrived) if delivery.arrived is not None else []
        if delivery.arrived is not None and not passed:
            arn = delivery.record.function_arn
            dead = dead_rules(env, delivery.target.arn, delivery.on, arn)
            delivery.note = "no rule matches" if not dead else None
            if dead:
                qualifier = arn.rsplit(":", 1)[-1]
                delivery.missed_by = f"no rule matches: {', '.join(dead)} names this function, but not {qualifier}"
        for rule, target, text in passed:
            onward = Delivery(
                on=f"rule {env.target(rule.arn).label} matches",
                target=env.target(target.arn),
                record=delivery.record,
                body=text or "",
                note="response only" if target.input_path == "$.detail.responsePayload" else None,
            )
            delivery.passed_on.append(onward)
            if text is None:
                onward.problem = "the event did not arrive"
            else:
                self._over_rule(env, onward, rule, chain)

    def _over_rule(self, env: Environment, onward: Delivery, rule: Rule, chain: Chain) -> None:
        arn, service = onward.target.arn, onward.target.arn.split(":")[2]
        if service not in {"lambda", "sns", "sqs"}:
            onward.note = f"{service} targets are not followed"
        elif not service_may(env, "events.amazonaws.com", onward, rule.arn):
            return
        elif service == "lambda":
            onward.runs.append(self.run(arn, onward.body, chain))
        elif service == "sqs":
            look_in_queue(env, onward, lambda _, body: body == onward.body)
        else:
            onward.arrived = env.routes.topic_probe(arn).find(lambda body: json.loads(body)["Message"] == onward.body)
            onward.read_back = onward.arrived is not None
            if onward.arrived is not None:
                onward.message_id = str(json.loads(onward.arrived)["MessageId"])
                self._over_topic(env, onward, chain)

    def _over_topic(self, env: Environment, delivery: Delivery, chain: Chain) -> None:
        for onward, function_arn in passed_to_functions(env, delivery):
            onward.runs.append(self.run(function_arn, onward.body, chain))
        pass_to_queues(env, delivery)
