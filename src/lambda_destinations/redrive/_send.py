"""Events to Lambda: slower when it throttles, and never twice to a function that is gone."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ._clients import Clients
    from ._target import Target

_ATTEMPTS, _FIRST, _LONGEST = 12, 0.1, 10.0  # attempts of one event, seconds
_AGAIN = {"TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded"}
_GONE = {"ResourceNotFoundException", "AccessDeniedException", "AccessDenied", "InvalidRuntimeException"}
_STOP = {"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidSignatureException"}
_NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError")


STOPPED = "the run was stopped"


class Answer(NamedTuple):
    """What came of sending: a request id, or the reason why there is none.

    `again` says that another attempt may have another answer, `stop` that no event can be sent any more.
    """

    status: int | None
    request_id: str | None = None
    reason: str = ""
    again: bool = False
    stop: bool = False


class Sender:
    """Sends events, at most `rate` in a second over all threads, with one pause for all when Lambda throttles."""

    def __init__(self, clients: Clients, *, rate: float | None = None, attempts: int = _ATTEMPTS) -> None:
        self._clients, self._gap, self._attempts = clients, 1 / rate if rate else 0.0, attempts
        self._lock, self._next, self._pause_until = threading.Lock(), 0.0, 0.0
        self._gone: dict[Target, str] = {}
        self.retries = 0
        self.stop = threading.Event()
        self.on_gone: Any = lambda _reason: None

    def send(self, target: Target, payload: bytes) -> Answer:
        """Send one event; only 202 counts. What may pass is tried again with full jitter."""
        answer = Answer(None)
        for attempt in range(self._attempts):
            if target in self._gone:
                return Answer(None, reason=self._gone[target])
            self._wait()
            if self.stop.is_set():
                return Answer(answer.status, reason=STOPPED)
            answer = self._once(target, payload)
            if not answer.again:
                return answer
            pause = random.uniform(0, min(_LONGEST, _FIRST * 2**attempt))  # noqa: S311  (jitter needs no cryptography)
            with self._lock:
                self.retries += 1
                self._pause_until = max(self._pause_until, time.monotonic() + pause)
        # Other functions may still take theirs.
        reason = f"{target}: Lambda took no event in {self._attempts} attempts: {answer.reason}"
        return self._is_gone(target, answer.status, reason, again=True)

    def _once(self, target: Target, payload: bytes) -> Answer:  # noqa: PLR0911  (a return for each answer)
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from botocore.exceptions import ConnectionError as NoConnection

        try:
            # This module makes calls again, with one pause for all threads.
            client = self._clients.get("lambda", target.region, attempts=1)
            response = client.invoke(InvocationType="Event", Payload=payload, **target.arguments)
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            reason = f"{code}: {error.response['Error'].get('Message', '')}"
            if code in _GONE:
                return self._is_gone(target, status, f"{target}: {reason}")
            again = code in _AGAIN or status in (409, 429) or status >= 500
            return Answer(status, reason=reason, again=again, stop=code in _STOP)
        except (HTTPClientError, NoConnection) as error:  # no answer: Lambda may have taken it
            return Answer(None, reason=type(error).__name__, again=True)
        except BotoCoreError as error:  # nothing was sent
            if type(error).__name__ in _NO_CREDENTIALS:
                return Answer(None, reason=str(error), stop=True)
            return self._is_gone(target, None, f"{target}: {error}")
        status = response["StatusCode"]
        if status != 202:
            return Answer(status, reason=f"Lambda answered {status}, not 202")
        return Answer(202, response["ResponseMetadata"]["RequestId"])

    def _is_gone(self, target: Target, status: int | None, reason: str, *, again: bool = False) -> Answer:
        with self._lock:
            first = target not in self._gone
            reason = self._gone.setdefault(target, reason)
        if first:
            self.on_gone(reason)
        return Answer(status, reason=reason, again=again)

    def _wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next, self._pause_until)
            self._next = at + self._gap
        if at > now:
            self.stop.wait(at - now)
