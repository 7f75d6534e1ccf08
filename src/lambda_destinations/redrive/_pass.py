"""One pass over a source: scan, decide, send, and settle what was sent."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from ._decide import Decision, Rules, What, decide
from ._report import Lines, RedriveReport, count_reason
from ._settle import Settler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..record import InvocationRecord
    from ._bucket import BucketSource
    from ._item import Item
    from ._ledger import Ledger
    from ._queue import QueueSource
    from ._queues import Quarantine
    from ._send import Sender
    from ._target import Target

_OVER = "over the limit, where the scan ends"
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
    canaries: bool = False  # whether this is the pass of the canaries, for which the limit is not a loss


class Pass:
    """The pass; `go` makes it."""

    def __init__(  # noqa: PLR0913, PLR0917  (all of one pass)
        self,
        source: QueueSource | BucketSource,
        ledger: Ledger,
        sender: Sender,
        report: RedriveReport,
        settings: Settings,
        lines: Lines,
        on_progress: Callable[[RedriveReport], object] | None,
        sent: Sent,
    ) -> None:
        self._source, self._ledger, self._sender, self._report = source, ledger, sender, report
        self._settings, self._lines, self._on_progress = settings, lines, on_progress
        self._lock, self._sent, self._taken = threading.Lock(), sent, 0
        self._began = time.monotonic()
        self._over = threading.Event()  # ends the scan, not what is being sent
        self._error: BaseException | None = None
        self._settler = Settler(source, ledger, report, keep=settings.keep, failed=self._fail)
        sender.on_gone = report.notes.append

    def go(self, concurrency: int) -> None:
        """Scan to the end, or until something stops it; what was sent is settled before it returns."""
        slots = threading.BoundedSemaphore(2 * concurrency)
        try:
            with self._settler, ThreadPoolExecutor(concurrency) as pool:
                try:
                    for items in self._source.scan(self._sender.stop):
                        if self._over.is_set():
                            break
                        for item in items:
                            slots.acquire()
                            pool.submit(self._work, item).add_done_callback(lambda _: slots.release())
                except BaseException:
                    self._sender.stop.set()
                    raise
        except KeyboardInterrupt:
            self._report.interrupted = True
        self._report.retries += self._sender.retries
        self._report.newer = self._source.newer
        self._report.stopped = self._report.stopped or self._source.cut_short or None
        if self._error is not None:
            raise self._error

    def _work(self, item: Item) -> None:
        try:
            if self._sender.stop.is_set() or self._over.is_set() or not self._source.load(item):
                self._source.skip(item)
                return
            decision = decide(item, self._settings.rules, self._ledger, self._sent.done)
            if self._act(item, decision):
                self._settler.put(item)
            else:
                self._source.skip(item)
            if self._on_progress is not None:
                self._on_progress(self._report)
        except BaseException as error:  # noqa: BLE001  (raised again where the run ends)
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._sender.stop.set()

    def _act(self, item: Item, decision: Decision) -> bool:  # noqa: PLR0911  (a return for each answer)
        """Do what was decided; False leaves the record where it is."""
        over = self._count(decision)
        if decision.what is What.NOT_A_RECORD:
            self._write("not a record", item, decision)
            return False
        if decision.what in (What.SKIP, What.DONE) or over is None:
            return False
        if decision.what is What.LEAVE or over:
            return self._leave(item, decision, _OVER if over else decision.reason)
        if decision.what is What.WORN_OUT:
            if self._settings.quarantine is None:
                return self._leave(item, decision, decision.reason)
            if self._settings.dry_run:
                return self._leave(item, decision, f"{decision.reason}, so that it goes to the quarantine")
            return self._into_quarantine(item, decision)
        if self._settings.dry_run:
            return False
        return self._send(item, decision)

    def _count(self, decision: Decision) -> bool | None:
        """Count a record; True if it is one too many, None if the canaries' pass does not count it."""
        report, limit = self._report, self._settings.limit
        with self._lock:
            over = decision.what is What.SEND and limit is not None and self._taken >= limit
            if over and self._settings.canaries:
                self._over.set()
                return None
            report.scanned += 1
            if decision.what is What.NOT_A_RECORD:
                count_reason(report.not_records, decision.reason)
            report.skipped += decision.what is What.SKIP
            if decision.record is not None and decision.what not in (What.SKIP, What.DONE):
                report._seen(decision.record)
                report.matched += decision.what is not What.NOT_A_RECORD
                report.reserialized += decision.reserialized
            if decision.what is What.SEND and not over:
                self._taken += 1
                report.targets[str(decision.target)] += 1
            if over and not self._settings.dry_run:
                self._over.set()
        return over

    def _leave(self, item: Item, decision: Decision, reason: str, **members: object) -> bool:
        with self._lock:
            count_reason(self._report.left, reason)
        self._write("left", item, decision, reason=reason, **members)
        return False

    def _send(self, item: Item, decision: Decision) -> bool:
        record, target, report = decision.record, decision.target, self._report
        assert record is not None
        assert target is not None
        self._ledger.open()
        self._export(item, record)
        answer = self._sender.send(target, decision.payload)
        members = _members(target, decision, answer.status)
        if answer.request_id is None:
            with self._lock:
                report.refused += 1
            if answer.stop:
                report.stopped = report.stopped or answer.reason
                self._sender.stop.set()
            return self._leave(item, decision, answer.reason, **members)
        self._ledger.note(answer.request_id, decision.redriven + 1)
        if self._settings.keep:
            self._ledger.note(record.request_id, decision.redriven + 1)  # the next run sends the same record again
        with self._lock:
            report.sent += 1
            if self._settings.canaries:
                self._sent.new.add(answer.request_id)
            if self._settings.canaries or time.monotonic() < self._began + _SNAPSHOT:
                self._sent.done.add(answer.request_id)  # an event that fails at once is not sent twice in a run
            if self._settings.keep:
                self._sent.done.add(record.request_id)
        self._write("sent", item, decision, new_request_id=answer.request_id, **members)
        return True

    def _into_quarantine(self, item: Item, decision: Decision) -> bool:
        assert decision.record is not None
        assert self._settings.quarantine is not None
        self._export(item, decision.record)
        self._settings.quarantine.put(decision.record)
        with self._lock:
            self._report.quarantined += 1
        self._write("quarantined", item, decision, redrives=decision.redriven)
        return not self._settings.keep

    def _write(self, event: str, item: Item, decision: Decision, **members: object) -> None:
        if decision.record is not None:
            members = {"request_id": decision.record.request_id, **members}
        if decision.reason:
            members.setdefault("reason", decision.reason)
        self._lines.write(event, item.id, **members)

    def _export(self, item: Item, record: InvocationRecord) -> None:
        folder = self._settings.export
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{record.request_id}-{item.id.rsplit('/', 1)[-1]}")[:200]
        (folder / f"{name}.json").write_text(record.to_json(), encoding="utf-8", newline="")


def _members(target: Target, decision: Decision, status: int | None) -> dict[str, object]:
    return {
        "function": target.name,
        "qualifier": target.qualifier,
        "bytes": len(decision.payload),
        "status": status,
        "redrives": decision.redriven + 1,
    }
