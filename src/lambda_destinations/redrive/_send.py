"""Events to Lambda: slower when it throttles, never twice to a function that is gone."""

from __future__ import annotations

import random
import re
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..record import InvocationRecord
    from ._clients import Clients

_ATTEMPTS, _FIRST, _LONGEST = 12, 0.1, 10.0  # attempts of one event, seconds
_AGAIN = {"TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded"}
_GONE = {"ResourceNotFoundException", "AccessDeniedException", "AccessDenied", "UnrecognizedClientException"}
_GONE |= {"ExpiredTokenException", "InvalidSignatureException"}


class Target(NamedTuple):
    """A function as Lambda's Invoke wants it; `$LATEST` is asked for without a qualifier, as most policies allow."""

    name: str
    qualifier: str
    region: str | None

    def __str__(self) -> str:
        return f"{self.name}:{self.qualifier}"


class Answer(NamedTuple):
    """What came of sending: a request id, or the reason why there is none."""

    status: int | None
    request_id: str | None = None
    reason: str | None = None
    stop: bool = False


def target_of(record: InvocationRecord) -> Target:
    """The record's own function and qualifier."""
    arn = f"arn:{record.partition}:lambda:{record.region}:{record.account}:function:{record.function_name}"
    return Target(arn, record.qualifier, record.region or None)


def parse_target(text: str) -> Target:
    """A function's name, name:qualifier or ARN."""
    arn = re.fullmatch(r"(arn:[^:]+:lambda:([^:]*):[^:]*:function:[^:]+)(?::([^:]+))?", text)
    if arn:
        return Target(arn[1], arn[3] or "$LATEST", arn[2] or None)
    name, _, qualifier = text.partition(":")
    return Target(name, qualifier or "$LATEST", None)


class Sender:
    """Sends events, at most `rate` a second over all threads, with one shared brake for throttling."""

    def __init__(self, clients: Clients, *, rate: float | None = None, attempts: int = _ATTEMPTS) -> None:
        self._clients, self._gap, self._attempts = clients, 1 / rate if rate else 0.0, attempts
        self._lock, self._next, self._brake = threading.Lock(), 0.0, 0.0
        self._gone: dict[Target, str] = {}
        self.retries = 0
        self.stop = threading.Event()
        self.on_gone: Any = lambda _reason: None

    def send(self, target: Target, payload: bytes) -> Answer:
        """Send one event; only 202 counts. What may pass is tried again with full jitter."""
        reason = ""
        for attempt in range(self._attempts):
            if target in self._gone:
                return Answer(None, reason=self._gone[target])
            self._wait()
            if self.stop.is_set():
                return Answer(None, reason="the run was stopped")
            answer = self._once(target, payload)
            if answer.status == 202 or not answer.stop:
                return answer
            reason = answer.reason or ""
            with self._lock:
                self.retries += 1
                # S311: jitter needs no cryptography
                pause = random.uniform(0, min(_LONGEST, _FIRST * 2**attempt))  # noqa: S311
                self._brake = max(self._brake, time.monotonic() + pause)
        return Answer(None, reason=f"Lambda did not take it in {self._attempts} attempts: {reason}", stop=True)

    def _once(self, target: Target, payload: bytes) -> Answer:
        from botocore.exceptions import BotoCoreError, ClientError

        qualifier = {} if target.qualifier == "$LATEST" else {"Qualifier": target.qualifier}
        try:
            response = self._clients.get("lambda", target.region).invoke(
                FunctionName=target.name, InvocationType="Event", Payload=payload, **qualifier
            )
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            reason = f"{code}: {error.response['Error'].get('Message', '')}"
            if code in _AGAIN or status in (409, 429) or status >= 500:
                return Answer(status, reason=reason, stop=True)
            if code in _GONE:
                with self._lock:
                    first = self._gone.setdefault(target, f"{target}: {reason}") if target not in self._gone else None
                if first:
                    self.on_gone(first)
                return Answer(status, reason=self._gone[target])
            return Answer(status, reason=reason)
        except BotoCoreError as error:
            return Answer(None, reason=f"{type(error).__name__}", stop=True)
        status = response["StatusCode"]
        if status != 202:
            return Answer(status, reason=f"Lambda answered {status}, not 202")
        return Answer(202, response["ResponseMetadata"]["RequestId"])

    def _wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next, self._brake)
            self._next = at + self._gap
        if at > now:
            self.stop.wait(at - now)
