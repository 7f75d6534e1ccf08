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


class Group(NamedTuple):
    """Failures of one kind."""

    function: str
    qualifier: str
    condition: str
    error_type: str | None
    attempts: int


@dataclass
class RedriveReport:
    """What a run found, sent and left; counts are of records, and bounded in memory whatever the source holds.

    `not_records` and `left` count by reason. `groups` holds the count and the oldest and newest time of each kind.
    `targets` counts, by function ARN with its qualifier, what matched.
    """

    source: str
    scanned: int = 0
    matched: int = 0
    sent: int = 0
    deleted: int = 0
    quarantined: int = 0
    skipped: int = 0
    newer: int = 0
    retries: int = 0
    reserialized: int = 0
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
        if count or len(self.groups) < 10 * _REASONS:
            self.groups[group] = (count + 1, min(oldest, at), max(newest, at))


def count_reason(counter: Counter[str], reason: str) -> None:
    """Count a reason, or `other reasons` once there are too many kinds."""
    counter[reason if reason in counter or len(counter) < _REASONS else "other reasons"] += 1


class Lines:
    """The report as JSON lines, one as soon as something has happened to a record."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def write(self, event: str, **members: Any) -> None:
        """Write a line and flush it: what follows may be the end of this process."""
        if self._stream is None:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **members}, ensure_ascii=True)
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()
