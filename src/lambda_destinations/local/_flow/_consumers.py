"""Run the functions that read a queue as Lambda's poller does: batches, filters, failed items, receives, redrive.

The engine's own poller is not used. It does not know simulated time, and would take the messages before we see them.
"""

import hashlib
import json
from collections.abc import Mapping as Values
from dataclasses import dataclass
from typing import Any

from .._arn import LATEST, Arn
from .._environment import Environment
from .._mappings import Mapping
from ._clock import Clock
from ._invoke import Answer
from ._probes import queue_url
from ._services._queue import attributes

_HIDDEN = 43_200  # seconds, the maximum of SQS: no other reader may get a message that is being followed
_RECEIVES_WITHOUT_REDRIVE = 3
_DAY = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a queue is read: by which function, and what happens to a message that fails."""

    mapping: Mapping
    function: Arn
    visibility: float
    most_receives: int | None
    dead_letter_arn: str | None
    retention_days: int

    @property
    def receives(self) -> int:
        """How often a message that fails is received."""
        return self.most_receives or _RECEIVES_WITHOUT_REDRIVE


def readings(env: Environment, queue_arn: str) -> list[Reading]:
    """The enabled mappings of a queue, and how each of them reads it."""
    found = [each for each in env.mappings if each.queue_arn == queue_arn and each.enabled]
    if not found:
        return []
    read = attributes(env, Arn.parse(queue_arn))
    redrive = json.loads(read.get("RedrivePolicy") or "{}")
    return [
        Reading(
            mapping=each,
            function=_function(env, each.function),
            visibility=float(read.get("VisibilityTimeout", 30)),
            most_receives=int(redrive["maxReceiveCount"]) if "maxReceiveCount" in redrive else None,
            dead_letter_arn=redrive.get("deadLetterTargetArn"),
            retention_days=max(1, int(read.get("MessageRetentionPeriod", 4 * _DAY)) // _DAY),
        )
        for each in found
    ]


def _function(env: Environment, name: str) -> Arn:
    arn = Arn.find(name)
    if arn is None:
        plain, _, qualifier = name.partition(":")
        arn = Arn.parse(env.arn("lambda", f"function:{plain}" + (f":{qualifier}" if qualifier else "")))
    return arn if arn.qualifier else arn.qualified(LATEST)


class Batch:
    """Our message with others from the same queue, as many as the batch size of the mapping allows."""

    def __init__(self, env: Environment, queue_arn: str, message_id: str, size: int) -> None:
        self._sqs, self._arn = env.clients["sqs"], Arn.parse(queue_arn)
        self._url = queue_url(env.clients, queue_arn)
        self.own: dict[str, Any] = {}
        self._others: list[dict[str, Any]] = []
        while not self.own:
            found = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            ).get("Messages", [])
            self.own = next((each for each in found if each["MessageId"] == message_id), {})
            self._others += [each for each in found if each["MessageId"] != message_id]
            if not found:
                break
        for each in self._others[size - 1 :]:
            self._give_back(each)
        self._others = self._others[: size - 1]

    @property
    def ids(self) -> set[str]:
        """The ids of all its messages."""
        return {each["MessageId"] for each in (self.own, *self._others)}

    def event(self, receives: int, clock: Clock) -> str:
        """The event for the consumer, as JSON text."""
        records = [self._record(self.own, receives, clock), *(self._record(each, None, clock) for each in self._others)]
        return json.dumps({"Records": records}, ensure_ascii=False, separators=(",", ":"))

    def _record(self, message: Values[str, Any], receives: int | None, clock: Clock) -> dict[str, Any]:
        system = {"SenderId": "AIDAEXAMPLE", **message.get("Attributes", {})}
        count = receives or int(system.get("ApproximateReceiveCount", 1))
        now = str(int(clock.epoch * 1000))
        times = {"SentTimestamp": now, "ApproximateFirstReceiveTimestamp": now, **system}
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {**times, "ApproximateReceiveCount": str(count)},
            "messageAttributes": {
                name: {
                    "stringValue": each.get("StringValue"),
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": each["DataType"],
                }
                for name, each in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": hashlib.md5(message["Body"].encode(), usedforsecurity=False).hexdigest(),
            "eventSource": "aws:sqs",
            "eventSourceARN": str(self._arn),
            "awsRegion": self._arn.region,
        }

    def passes(self, env: Environment, reading: Reading, clock: Clock) -> bool:
        """Whether the filters of the mapping let our message through; if not, it is deleted."""
        filters = (reading.mapping.properties.get("FilterCriteria") or {}).get("Filters") or []
        patterns = [each.get("Pattern") for each in filters]
        patterns = [json.loads(each) if isinstance(each, str) else each for each in patterns]
        record = self._record(self.own, 1, clock)
        if not patterns or any(_matches(env, each, record) for each in patterns):
            return True
        self.delete()
        return False

    def settle_others(self, failed: "set[str] | None") -> None:
        """Delete the other messages that succeeded, and give back those that failed; None means all failed."""
        for each in self._others:
            if failed is None or each["MessageId"] in failed:
                self._give_back(each)
            else:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        self._others = []

    def _give_back(self, message: Values[str, Any]) -> None:
        handle = message["ReceiptHandle"]
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0)

    def give_back(self) -> None:
        """Make our message visible again."""
        self._give_back(self.own)

    def delete(self) -> None:
        """Delete our message."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=self.own["ReceiptHandle"])


def failed_items(answer: Answer, reading: Reading, batch: set[str]) -> "set[str] | None":
    """The messages that failed; None if all did. Source: Lambda Developer Guide, "Reporting batch item failures"."""
    if answer.payload is None or answer.function_error is not None:
        return None
    if "ReportBatchItemFailures" not in (reading.mapping.properties.get("FunctionResponseTypes") or []):
        return set()
    read = json.loads(answer.payload)
    if read in (None, {}, ""):
        return set()
    listed = read.get("batchItemFailures") if isinstance(read, dict) else None
    if isinstance(read, dict) and listed in (None, []):
        return set()
    if not isinstance(listed, list):
        return None
    failed = {str(each.get("itemIdentifier")) if isinstance(each, dict) else "" for each in listed}
    return failed if failed <= batch else None  # an id that is not in the batch fails all of it


def _matches(env: Environment, pattern: Any, record: Values[str, Any]) -> bool:
    seen: dict[str, Any] = dict(record)
    if isinstance(pattern, dict) and isinstance(pattern.get("body"), dict):
        try:
            seen["body"] = json.loads(record["body"])
        except ValueError:
            return False
    event = {
        "version": "0",
        "id": "1",
        "detail-type": "-",
        "source": "-",
        "account": env.clients.account,
        "time": "2026-01-01T00:00:00Z",
        "region": env.clients.region,
        "resources": [],
        "detail": seen,
    }
    text = json.dumps({"detail": pattern})
    return bool(env.clients["events"].test_event_pattern(EventPattern=text, Event=json.dumps(event))["Result"])
