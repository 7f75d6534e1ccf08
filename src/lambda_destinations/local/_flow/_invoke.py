"""One asynchronous invocation: attempts on a clock of its own, and the record of how it ended."""

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .._clients import ClientError, is_missing
from .._environment import AsyncConfig, Environment
from ._wrapped import in_aws_words, log_of_the_handler, unwrapped, wrapped

RETRY_DELAYS = (60.0, 120.0)  # seconds before the second and the third attempt
_THROTTLE_DELAY, _LONGEST_THROTTLE_DELAY = 1.0, 300.0  # seconds; a throttled event is tried for up to 6 hours
_THROTTLED = 429
_REAL_THROTTLE_PAUSE = 0.02  # seconds really waited for a busy function, on the simulated clock


class Clock:
    """Seconds since the event was accepted. Waiting moves it on, and takes that time only if `real` is set."""

    def __init__(self, *, real: bool) -> None:
        self._real, self._skipped = real, 0.0
        self._start, self._accepted = time.monotonic(), datetime.now(timezone.utc)

    @property
    def age(self) -> float:
        """Age of the event in seconds."""
        return time.monotonic() - self._start + self._skipped

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if self._real:
            time.sleep(seconds)
        else:
            self._skipped += seconds

    def timestamp(self) -> str:
        """Now, as Lambda writes it into a record."""
        now = self._accepted + timedelta(seconds=self.age)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one attempt came to. `payload` is JSON text, None where nothing ran."""

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

    def run_to_end(self, config: AsyncConfig, clock: Clock) -> Outcome:
        """Invoke until success, or until the retries or the time are used up."""
        outcome = Outcome(condition="RetriesExhausted", attempts=0, answer=None, request_id=self.request_id)
        throttle_delay = _THROTTLE_DELAY
        while True:
            try:
                outcome.answer = answer = self._attempt()
            except ClientError as error:
                if is_missing(error):
                    outcome.answer = Answer(status=404)
                    return outcome
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != _THROTTLED:
                    raise
                if self._reserved_none():
                    outcome.condition = "ZeroReservedConcurrency"
                    return outcome
                # A throttle does not use up a retry.
                delay, throttle_delay = throttle_delay, min(2 * throttle_delay, _LONGEST_THROTTLE_DELAY)
                time.sleep(_REAL_THROTTLE_PAUSE)
                outcome.answer = outcome.answer or Answer(status=_THROTTLED)
            else:
                outcome.attempts += 1
                outcome.logs.append(answer.log)
                if answer.function_error is None:
                    outcome.condition = "Success"
                    return outcome
                if outcome.attempts > config.retries:
                    return outcome
                delay = RETRY_DELAYS[outcome.attempts - 1]
            # Lambda looks ahead: it does not wait for a retry that would come too late.
            if clock.age + delay >= config.max_age:
                outcome.condition = "EventAgeExceeded"
                return outcome
            clock.wait(delay)

    def _attempt(self) -> Answer:
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
    """The record as Lambda writes it: compact, and both payloads exactly as their senders wrote them."""
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
