"""Runs of functions and their records; `Onward` follows what the records lead to."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from ...policy import may_deliver
from ...record import InvocationRecord
from .._arn import LATEST, Arn
from .._clients import ClientError, is_missing
from .._environment import Environment, FunctionFacts
from .._result._codes import Finding, Leg, Verdict
from .._result._tree import Delivery, Run
from .._roles import principal_of
from ._calls import Call, CallCatcher
from ._chain import Chain
from ._clock import Clock
from ._consumers import Batch, Reading, failed_items
from ._invoke import Answer, Invocation, Outcome, record_text
from ._messages import dead_letter_attributes
from ._onward import Onward
from ._services import Extras


class Runner:
    """Follows invocations through the engine.

    :param environment_of: gives the environment of an ARN
    :param require_name: raises UnknownName if nothing in the app has a name
    """

    def __init__(  # noqa: PLR0913  (all that a run needs)
        self,
        environment_of: Callable[[str], Environment],
        clock: Clock,
        *,
        real_time: bool,
        catcher: CallCatcher | None = None,
        require_name: Callable[[str], None] | None = None,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._environment_of, self._clock, self._real_time = environment_of, clock, real_time
        self._catcher, self._require_name, self._tell = catcher, require_name, tell
        self._onward = Onward(environment_of, self.run, self.consume, clock)

    def run(self, function_arn: str, payload: str, chain: Chain, request_id: str | None = None) -> Run:
        """Invoke a function asynchronously with JSON text, and deliver its record. The ARN may have a qualifier."""
        env, arn = self._environment_of(function_arn), Arn.parse(function_arn)
        qualifier = arn.qualifier or LATEST
        arn = arn.qualified(qualifier)
        run = self._new_run(env, arn)
        if arn.name in env.refusals:
            return self._stopped(run, Finding("not-run", {"reason": env.refusals[arn.name]}), Verdict.UNKNOWN)
        facts = self._facts(env, arn)
        stop = chain.stop(str(arn.unqualified), loops_allowed=facts is not None and facts.loops_allowed)
        invocation = Invocation(env, arn.name, qualifier, payload, **({"request_id": request_id} if request_id else {}))
        config, calls = env.config(arn.name, qualifier), list[Call]()
        if stop is not None:
            self._stopped(run, stop, Verdict.LOST)
            if stop.code != "recursive-loop":
                return run
            outcome = Outcome(condition="RetriesExhausted", attempts=0, answer=None, request_id=invocation.request_id)
        else:
            name = f"{run.function.label}:{qualifier}"
            with self._calls_of(invocation, env, facts) as calls:
                outcome = invocation.run_to_end(
                    config, self._clock, real_time=self._real_time, tell=lambda what: self._tell(f"{name}, {what}")
                )
            run.condition, run.attempts, run.logs = outcome.condition, outcome.attempts, outcome.logs
        body = record_text(outcome, str(arn), payload, self._clock.timestamp())
        run.record = InvocationRecord.from_json(body)
        after = chain.after(str(arn.unqualified))
        self._deliver_outcome(run, env, facts, body, after)
        self._follow_calls(run, calls, env, after)
        return run

    def _deliver_outcome(
        self, run: Run, env: Environment, facts: FunctionFacts | None, body: str, chain: Chain
    ) -> None:
        assert run.record is not None
        name, config = run.record.function_name, env.config(run.record.function_name, run.qualifier)
        role_arn = facts.role_arn if facts is not None else env.role_of_gone(name)
        leg, destination = Leg.ON_FAILURE, config.on_failure
        if run.succeeded:
            leg, destination = Leg.ON_SUCCESS, config.on_success
        if destination is not None and role_arn is not None:
            delivery = Delivery(leg=leg, target=self._target(destination), record=run.record, body=body)
            run.deliveries.append(delivery)
            if run.stopped is not None:
                delivery.note("condition-undocumented")
            self._onward.by_role(delivery, role_arn, chain, Extras())
        dead_letter = facts.dead_letter_arn if facts is not None else env.dead_letters.get(name)
        if not run.succeeded and dead_letter is not None and role_arn is not None:
            event = run.record.request_payload_json or "null"
            delivery = Delivery(leg=Leg.DEAD_LETTER, target=self._target(dead_letter), record=run.record, body=event)
            run.deliveries.append(delivery)
            self._onward.by_role(delivery, role_arn, chain, Extras(attributes=dead_letter_attributes(run.record)))
        if run.stopped is not None and any(each.accepted for each in run.deliveries):
            run.stopped_verdict = Verdict.DELIVERED  # the event is kept, although nothing ran
        if not run.succeeded and run.stopped is None and destination is None and dead_letter is None:
            run.unrecorded = Finding(
                "unrecorded", {"qualifier": run.qualifier, "hint": _hint(env, name, run.qualifier)}
            )

    def consume(self, delivery: Delivery, reading: Reading, batch: Batch, chain: Chain) -> None:
        """Run the consumer of a queue until it succeeds with our message, or there are no more receives."""
        env = self._environment_of(str(reading.function))
        run = self._new_run(env, reading.function)
        run.invoked = "from-queue"
        delivery.runs.append(run)
        name, qualifier = reading.function.name, reading.function.qualifier or LATEST
        facts = self._facts(env, reading.function)
        stop = chain.stop(str(reading.function.unqualified), loops_allowed=facts is not None and facts.loops_allowed)
        if stop is not None:
            batch.give_back()
            self._stopped(run, stop, Verdict.LOST)
            return
        after = chain.after(str(reading.function.unqualified))
        for receives in range(1, reading.receives + 1):
            if receives > 1:
                self._clock.wait(reading.visibility, real=self._real_time)
            self._tell(f"running {run.function.label}, receive {receives}")
            invocation = Invocation(env, name, qualifier, batch.event(receives, self._clock))
            with self._calls_of(invocation, env, facts) as calls:
                answer = invocation.run_once(self._clock)
            failed = failed_items(answer, reading, batch.ids)
            batch.settle_others(failed)
            _note_answer(run, answer, receives, failed=failed is None or delivery.message_id in failed)
            self._follow_calls(run, calls, env, after)
            if run.succeeded:
                batch.delete()
                return
        if reading.dead_letter_arn is None or reading.most_receives is None:
            batch.give_back()
            data = {"consumer": run.function.label, "days": reading.retention_days}
            run.unrecorded = Finding("consumer-fails", data)
            return
        batch.delete()
        onward = Delivery(
            leg=Leg.REDRIVE,
            target=self._target(reading.dead_letter_arn),
            record=delivery.record,
            body=batch.own["Body"],
        )
        delivery.passed_on.append(onward)
        self._onward.into(onward, after, Extras(attributes=batch.own.get("MessageAttributes", {})))

    def _new_run(self, env: Environment, arn: Arn) -> Run:
        return Run(
            function=env.target(str(arn)),
            qualifier=arn.qualifier or LATEST,
            condition="Stopped",
            attempts=0,
            require_name=self._require_name,
        )

    @staticmethod
    def _stopped(run: Run, why: Finding, verdict: Verdict) -> Run:
        run.stopped, run.stopped_verdict = why, verdict
        return run

    def _target(self, arn: str) -> Any:
        return self._environment_of(arn).target(arn)

    @staticmethod
    def _facts(env: Environment, arn: Arn) -> FunctionFacts | None:
        try:
            return env.facts(arn.name, arn.qualifier or LATEST)
        except ClientError as error:
            if not is_missing(error):
                raise
            return None

    @contextlib.contextmanager
    def _calls_of(self, invocation: Invocation, env: Environment, facts: FunctionFacts | None) -> Iterator[list[Call]]:
        if self._catcher is None or facts is None:
            yield []
            return

        def may(call: Call) -> tuple[int, str, str] | None:
            return self._refusal(call, env, facts)

        with self._catcher.of(invocation.request_id, may) as calls:
            yield calls

    def _refusal(self, call: Call, env: Environment, facts: FunctionFacts) -> tuple[int, str, str] | None:
        """Why Lambda refuses an asynchronous invocation by a handler: status, error type and message; else None."""
        arn = _called(call, env)
        there = self._environment_of(str(arn))
        if self._facts(there, arn) is None:
            return 404, "ResourceNotFoundException", f"Function not found: {arn}"
        try:
            json.loads(call.payload)
        except ValueError:
            return 400, "InvalidRequestContentException", "Could not parse request body into json"
        principal = principal_of(env, facts.role_arn, Arn.parse(facts.arn).name)
        decision = may_deliver(principal, facts.arn, str(arn), resource_policy=self._onward.policy(str(arn)))
        if decision.denied:
            message = f"User: {facts.role_arn} is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
            return 403, "AccessDeniedException", message
        return None

    def _follow_calls(self, run: Run, calls: list[Call], env: Environment, chain: Chain) -> None:
        for call in calls:
            run.invoked_runs.append(self.run(str(_called(call, env)), call.payload, chain, call.request_id))


def _called(call: Call, env: Environment) -> Arn:
    """The function that a handler named, by name, ARN or a part of one, with or without a qualifier."""
    arn = Arn.find(call.function)
    if arn is None:
        rest = call.function.partition(":function:")[2] or call.function
        arn = Arn.parse(env.arn("lambda", f"function:{rest}"))
    qualifier = call.qualifier or arn.qualifier
    return arn.unqualified.qualified(qualifier) if qualifier else arn


def _note_answer(run: Run, answer: Answer, receives: int, *, failed: bool) -> None:
    run.condition, run.attempts, run.response = "Failed" if failed else "Success", receives, answer.payload
    run.logs.append(answer.log)


def _hint(env: Environment, function: str, qualifier: str) -> str:
    others = [
        name
        for name, each in env.configs(function).items()
        if name != qualifier and (each.on_failure or each.on_success)
    ]
    return f"; those of {', '.join(sorted(others))} are not for it" if others else ""
