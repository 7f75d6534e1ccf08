"""One invocation: its attempts in the time of the app's clock, and its record."""

import base64
import itertools
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from .._clients import ClientError, is_missing
from .._environment import AsyncConfig, Environment
from ._clock import Clock
from ._wrapped import in_aws_words, log_of_the_handler, unwrapped, wrapped

RETRY_DELAYS = (60.0, 120.0)  # seconds before the second and the third attempt
_THROTTLE_DELAY, _LONGEST_THROTTLE_DELAY = 1.0, 300.0  # seconds; a throttled event is tried for up to 6 hours
_THROTTLED, _MISSING = 429, 404
_FIRST_REAL_PAUSE, _LONGEST_REAL_PAUSE = 0.02, 0.5  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The result of one attempt. `payload` is JSON text; None if nothing ran."""

    status: int
    executed_version: str | None = None
    function_error: str | None = None
    payload: str | None = None
    log: str = ""

    @property
    def context(self) -> dict[str, object]:
        """The `responseContext` of a record."""
        context: dict[str, object] = {"statusCode": self.status}
        if self.executed_version is not None:
            context["executedVersion"] = self.executed_version
        if self.function_error is not None:
            context["functionError"] = self.function_error
        return context


@dataclass(kw_only=True, slots=True)
class Outcome:
    """How an invocation ended: condition, number of attempts, and the last answer if anything ran."""

    condition: str
    attempts: int
    answer: Answer | None
    request_id: str
    logs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event for one function. The payload is JSON text."""

    env: Environment
    function: str
    qualifier: str
    payload: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def run_to_end(
        self,
        config: AsyncConfig,
        clock: Clock,
        *,
        real_time: bool = False,
        tell: Callable[[str], object] = lambda _: None,
    ) -> Outcome:
        """Invoke until success, or until the retries or the time are used up."""
        outcome = Outcome(condition="RetriesExhausted", attempts=0, answer=None, request_id=self.request_id)
        accepted, throttles = clock.now, 0
        while True:
            tell(f"attempt {outcome.attempts + 1} of {config.retries + 1}" + (", throttled" if throttles else ""))
            answer = self._attempt()
            if answer.status == _MISSING:
                outcome.answer = answer
                return outcome
            if answer.status == _THROTTLED:
                if self._reserved_none():
                    outcome.condition = "ZeroReservedConcurrency"
                    return outcome
                # A throttle does not use up a retry.
                delay = min(_THROTTLE_DELAY * 2**throttles, _LONGEST_THROTTLE_DELAY)
                throttles += 1
                outcome.answer = outcome.answer or answer
            else:
                outcome.answer = answer
                outcome.attempts += 1
                outcome.logs.append(answer.log)
                if answer.function_error is None:
                    outcome.condition = "Success"
                    return outcome
                if outcome.attempts > config.retries:
                    return outcome
                delay, throttles = RETRY_DELAYS[outcome.attempts - 1], 0
            # Lambda looks ahead: it does not wait for a retry that would come too late.
            if clock.now - accepted + delay >= config.max_age:
                outcome.condition = "EventAgeExceeded"
                return outcome
            self._pause(clock, delay, throttles, real_time=real_time)

    def run_once(self, clock: Clock) -> Answer:
        """Invoke once, as the poller of a queue does: if it is throttled it tries again."""
        for throttles in itertools.count(1):
            answer = self._attempt()
            if answer.status != _THROTTLED or self._reserved_none():
                return answer
            self._pause(clock, _THROTTLE_DELAY, throttles, real_time=False)
        raise AssertionError  # count has no end

    def _pause(self, clock: Clock, delay: float, throttles: int, *, real_time: bool) -> None:
        if throttles and not clock.others_busy:
            # A caller outside of this clock keeps the function busy, so only waiting in real time helps.
            time.sleep(min(_FIRST_REAL_PAUSE * 2**throttles, _LONGEST_REAL_PAUSE))
        else:
            clock.wait(delay, real=real_time)

    def _attempt(self) -> Answer:
        try:
            return self._invoked()
        except ClientError as error:
            if is_missing(error):
                return Answer(status=_MISSING)
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _THROTTLED:
                return Answer(status=_THROTTLED)
            raise

    def _invoked(self) -> Answer:
        ours = self.function in self.env.wrapped
        sent = wrapped(self.payload, self.request_id) if ours else self.payload
        where = {} if self.qualifier == "$LATEST" else {"Qualifier": self.qualifier}
        client = self.env.clients["lambda"]
        answer = client.invoke(FunctionName=self.function, Payload=sent.encode(), LogType="Tail", **where)
        text, error = answer["Payload"].read().decode(), answer.get("FunctionError")
        log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
        if ours:
            text = in_aws_words(text, log, self.request_id) if error else unwrapped(text, self.function)
        return Answer(
            status=answer["StatusCode"],
            executed_version=answer.get("ExecutedVersion", "$LATEST"),
            function_error=error,
            payload=text or "null",
            log=log_of_the_handler(log),
        )

    def _reserved_none(self) -> bool:
        answer = self.env.clients["lambda"].get_function_concurrency(FunctionName=self.function)
        return bool(answer.get("ReservedConcurrentExecutions") == 0)


def record_text(outcome: Outcome, function_arn: str, payload: str, timestamp: str) -> str:
    """The record as Lambda writes it: compact, with both payloads exactly as they were sent."""
    context: dict[str, object] = {
        "requestId": outcome.request_id,
        "functionArn": function_arn,
        "condition": outcome.condition,
        "approximateInvokeCount": outcome.attempts,
    }
    members = [
        '"version":"1.0"',
        f'"timestamp":"{timestamp}"',
        f'"requestContext":{_compact(context)}',
        f'"requestPayload":{payload}',
    ]
    if outcome.answer is not None:
        members.append(f'"responseContext":{_compact(outcome.answer.context)}')
        if outcome.answer.payload is not None:
            members.append(f'"responsePayload":{outcome.answer.payload}')
    return "{" + ",".join(members) + "}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
