"""What became of the records of a run."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..record import InvocationRecord

_REASONS = 100  # kinds that are told apart; a queue of garbage could have as many as messages
_GROUPS = 1000


class Group(NamedTuple):
    """Failures of one kind."""

    function: str
    qualifier: str
    condition: str
    error_type: str | None
    attempts: int


@dataclass
class RedriveReport:
    """What a run found, sent and left. All counts are of records; its memory is bounded, whatever the source holds.

    :param source: the queue's name, or `s3://bucket/prefix`
    :param as_of: what arrived before this time, by the source's clock, is in the scan; `newer` counts the rest
    :param about: how many messages the queue said that it had, approximately; None for a bucket
    :param scanned: how many messages or objects were read
    :param matched: how many records matched the filters and can be sent
    :param sent: how many Lambda took with 202
    :param deleted: how many records were deleted after that, or after they went to the quarantine
    :param skipped: how many the filters left out
    :param left: how many that matched were not sent, by reason
    :param not_records: how many are not records, or records that cannot be sent, by reason
    :param groups: the count and the oldest and newest time of each kind of failure that matched
    :param targets: what was to be sent, or would be without a dry run, by the function's ARN with its qualifier
    :param retries: how many calls were made again, after throttling or an error of Lambda
    :param reserialized: how many came through EventBridge, which serializes the payload again
    :param refused: how many events Lambda did not take
    :param notes: what a reader of the counts should know
    :param canary: what became of the canaries, in words
    :param stopped: why the run ended before its end, or None
    :param interrupted: whether Ctrl-C ended it
    """

    source: str
    as_of: datetime
    about: int | None = None
    scanned: int = 0
    matched: int = 0
    sent: int = 0
    deleted: int = 0
    quarantined: int = 0
    skipped: int = 0
    newer: int = 0
    retries: int = 0
    reserialized: int = 0
    refused: int = 0
    not_records: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)
    groups: dict[Group, tuple[int, datetime, datetime]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    canary: str | None = None
    stopped: str | None = None
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether all that matched was sent."""
        return not self.left and not self.quarantined and self.stopped is None and not self.interrupted

    def _seen(self, record: InvocationRecord) -> None:
        at = record.timestamp
        group = Group(
            record.function_name,
            record.qualifier,
            str(record.condition),
            record.error.type,
            record.approximate_invoke_count,
        )
        count, oldest, newest = self.groups.get(group, (0, at, at))
        if count or len(self.groups) < _GROUPS:
            self.groups[group] = (count + 1, min(oldest, at), max(newest, at))


def count_reason(counter: Counter[str], reason: str) -> None:
    """Count a reason, or `other reasons` once there are too many kinds."""
    counter[reason if reason in counter or len(counter) < _REASONS else "other reasons"] += 1


class Lines:
    """The report as JSON lines, one as soon as something has happened to a record."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def write(self, event: str, item: str, **members: Any) -> None:
        """Write a line and flush it: what follows may be the end of this process."""
        if self._stream is None:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, "id": item, **members}, ensure_ascii=True)
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()
