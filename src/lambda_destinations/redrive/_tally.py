"""The counts of a pass, and what they allow: how many more may be sent, and to whom."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from ._decide import Decision, Rules, What
from ._report import RedriveReport, count_reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._queues import Quarantine

OVER = "over the limit, where the scan ends"
_NOT_CONFIRMED = "it was not confirmed"
_SNAPSHOT = 5.0  # seconds after its begin in which a new record may still be taken for one of the scan


class Sent(NamedTuple):
    """Request ids: those that Lambda gave, and those of the records that are not to be sent in this run again."""

    new: set[str]
    done: set[str]


class Settings(NamedTuple):
    """What a run does with what matches."""

    rules: Rules
    limit: int | None
    export: Path | None
    keep: bool
    quarantine: Quarantine | None
    dry_run: bool
    confirmed: Mapping[str, int] | None = None
    canaries: bool = False  # whether this is the pass of the canaries, which counts only what it sends

    @property
    def moves_worn_out(self) -> bool:
        """Whether what was redriven too often goes to the quarantine."""
        return self.quarantine is not None and not self.keep


class Tally:
    """Counts into a report, from several threads."""

    def __init__(self, report: RedriveReport, settings: Settings, sent: Sent) -> None:
        self.report, self._settings, self.request_ids = report, settings, sent
        self.over = threading.Event()  # ends the scan, not what is being sent
        self._lock, self._taken, self._began = threading.Lock(), 0, time.monotonic()

    def count(self, decision: Decision) -> str | None:
        """Count a record; why it is not to be sent, or "". None if the canaries' pass leaves it to the next pass."""
        report, what = self.report, decision.what
        with self._lock:
            refused = self._refused(decision) if what is What.SEND else ""
            acts = (what is What.SEND and not refused) or (what is What.WORN_OUT and self._settings.moves_worn_out)
            if self._settings.canaries and not acts:
                return None
            report.scanned += what is not What.DONE
            report.skipped += what is What.SKIP
            if what is What.NOT_A_RECORD:
                count_reason(report.not_records, decision.reason)
            if decision.record is not None and what not in (What.SKIP, What.DONE):
                report._seen(decision.record)
                report.matched += what is not What.NOT_A_RECORD
                report.reserialized += decision.reserialized
            if what is What.SEND and not refused:
                self._taken += 1
                report.targets[str(decision.target)] += 1
        return refused

    def _refused(self, decision: Decision) -> str:
        settings, target = self._settings, str(decision.target)
        if settings.limit is not None and self._taken >= settings.limit:
            if not settings.dry_run:
                self.over.set()
            return OVER
        if settings.confirmed is not None and self.report.targets[target] >= settings.confirmed.get(target, 0):
            return _NOT_CONFIRMED
        return ""

    def leave(self, reason: str, *, refused: bool = False) -> None:
        """Count a record that matched and stays; `refused` if Lambda did not take its event."""
        with self._lock:
            count_reason(self.report.left, reason)
            self.report.refused += refused

    def sent(self, old: str, new: str) -> None:
        """Count an event that was sent, by the request ids of its record and of the answer."""
        with self._lock:
            self.report.sent += 1
            if self._settings.canaries:
                self.request_ids.new.add(new)
            if self._settings.canaries or time.monotonic() < self._began + _SNAPSHOT:
                self.request_ids.done.add(new)  # an event that fails at once is not sent twice in a run
            if self._settings.keep:
                self.request_ids.done.add(old)

    def done(self, decision: Decision) -> None:
        """Have the pass after the canaries' leave out what this one has counted."""
        if self._settings.canaries and decision.record is not None:
            with self._lock:
                self.request_ids.done.add(decision.record.request_id)

    def is_failed_canary(self, decision: Decision) -> bool:
        """Whether this is the failure record of a canary."""
        record = decision.record
        return record is not None and not record.succeeded and record.request_id in self.request_ids.new

    def quarantined(self) -> None:
        """Count a record that went to the quarantine."""
        with self._lock:
            self.report.quarantined += 1

    def stopped(self, reason: str) -> None:
        """Say why the run ends; the first reason counts."""
        with self._lock:
            self.report.stopped = self.report.stopped or reason
