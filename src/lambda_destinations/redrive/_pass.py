"""One pass over a source: scan, send what matches, keep the counts, then delete."""

from __future__ import annotations

import contextlib
import queue
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from ._item import Item, read_item
from ._queue import QueueSource
from ._report import Lines, RedriveReport, count_reason
from ._select import Selection, payload_of
from ._send import Sender, Target, target_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..record import InvocationRecord
    from ._bucket import BucketSource
    from ._ledger import Ledger

_BATCH = 50  # records settled together: what a kill may send again, with what is under way
_PATIENCE = 0.3  # seconds that a batch waits to fill


class Settings(NamedTuple):
    """What a run does with what matches."""

    selection: Selection
    edit: Any
    to: Target | None
    limit: int | None
    max_redrives: int
    export: Path | None
    keep: bool
    quarantine: str | None
    dry_run: bool
    first: bool  # whether this is the canary's pass, for which the limit is no loss


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
        sent: set[str],
    ) -> None:
        self._source, self._ledger, self._sender, self._report = source, ledger, sender, report
        self._settings, self._lines, self._on_progress = settings, lines, on_progress
        self._lock, self._sent_now = threading.Lock(), sent
        self._done: queue.Queue[Item | None] = queue.Queue()
        self._taken = 0
        self._over = threading.Event()  # ends the scan, not what is being sent
        self._error: BaseException | None = None
        sender.on_gone = report.notes.append

    def go(self, concurrency: int) -> None:
        """Scan to the end, or until something stops it; what was sent is settled before it returns."""
        slots = threading.BoundedSemaphore(2 * concurrency)
        settler = threading.Thread(target=self._settle)
        settler.start()
        try:
            with ThreadPoolExecutor(concurrency) as pool:
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
        finally:
            self._done.put(None)
            settler.join()
            self._report.retries, self._report.newer = self._sender.retries, self._source.newer
        if self._error is not None:
            raise self._error

    def _work(self, item: Item) -> None:
        try:
            if (
                self._sender.stop.is_set()
                or self._over.is_set()
                or not self._source.load(item)
                or not self._handle(item)
            ):
                self._source.skip(item)
        except BaseException as error:  # noqa: BLE001  (raised again where the run ends)
            self._fail(error)
        finally:
            if self._on_progress is not None:
                self._on_progress(self._report)

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._sender.stop.set()

    def _handle(self, item: Item) -> bool:
        """Send one event; False leaves its record where it is."""
        read, settings = read_item(item), self._settings
        record = read.record
        with self._lock:
            self._report.scanned += 1
            if record is None:
                count_reason(self._report.not_records, read.reason)
        if record is None:
            self._lines.write("not a record", id=item.id, reason=read.reason)
            return False
        with self._lock:
            takes = settings.selection.takes(record)
            self._report.skipped += not takes
            if takes:
                self._report._seen(record)
        if not takes or record.request_id in self._sent_now:
            return False
        payload, reason = payload_of(record, settings.edit)
        if payload is None:
            with self._lock:
                count_reason(self._report.not_records, reason)
            self._lines.write("not a record", id=item.id, request_id=record.request_id, reason=reason)
            return False
        target = settings.to or target_of(record)
        with self._lock:
            over = settings.limit is not None and self._taken >= settings.limit
            if not (over and settings.first):
                self._report.matched += 1
                self._report.reserialized += read.reserialized
                self._report.targets[str(target)] += 1
            self._taken += not over
        if settings.dry_run:
            return False
        if over:
            self._over.set()
            return False if settings.first else self._left(item, record, "over the limit")
        return self._send(item, record, target, payload)

    def _left(self, item: Item, record: InvocationRecord, reason: str) -> bool:
        with self._lock:
            count_reason(self._report.left, reason)
        self._lines.write("left", id=item.id, request_id=record.request_id, reason=reason)
        return False

    def _send(self, item: Item, record: InvocationRecord, target: Target, payload: bytes) -> bool:
        redriven = self._ledger.count(record.request_id)
        if redriven >= self._settings.max_redrives:
            return self._worn_out(item, record, redriven)
        if self._settings.export is not None and not self._settings.keep:
            _export(self._settings.export, item, record)
        answer = self._sender.send(target, payload)
        if answer.request_id is None:
            if answer.stop:
                self._report.stopped = answer.reason
                self._sender.stop.set()
            return self._left(item, record, answer.reason or "")
        self._ledger.note(answer.request_id, redriven + 1)
        if self._settings.keep:
            self._ledger.note(record.request_id, redriven + 1)  # the same record is sent by the next run, too
        with self._lock:
            self._report.sent += 1
            self._sent_now.add(answer.request_id)
            if self._settings.keep:
                self._sent_now.add(record.request_id)
        self._lines.write(
            "sent",
            id=item.id,
            request_id=record.request_id,
            new_request_id=answer.request_id,
            function=target.name,
            qualifier=target.qualifier,
            bytes=len(payload),
            status=answer.status,
            redrives=redriven + 1,
        )
        item.message = None
        self._done.put(item)
        return True

    def _worn_out(self, item: Item, record: InvocationRecord, redriven: int) -> bool:
        if self._settings.quarantine is None:
            return self._left(item, record, f"redriven {redriven} times already")
        sqs = self._source.sqs if isinstance(self._source, QueueSource) else None
        self._quarantine(sqs, record)
        with self._lock:
            self._report.quarantined += 1
        self._lines.write("quarantined", id=item.id, request_id=record.request_id, redrives=redriven)
        item.message = None
        if self._settings.keep:
            return False
        self._done.put(item)
        return True

    def _quarantine(self, sqs: Any, record: InvocationRecord) -> None:
        client = sqs or self._sender._clients.get("sqs")
        client.send_message(QueueUrl=self._settings.quarantine, MessageBody=record.to_json())

    def _settle(self) -> None:
        ended = False
        while not ended:
            batch: list[Item] = []
            with contextlib.suppress(queue.Empty):
                while len(batch) < _BATCH:
                    item = self._done.get(timeout=_PATIENCE)
                    if item is None:
                        ended = True
                        break
                    batch.append(item)
            if batch:
                try:
                    self._settle_batch(batch)
                except BaseException as error:  # noqa: BLE001  (raised again where the run ends)
                    self._fail(error)

    def _settle_batch(self, batch: list[Item]) -> None:
        self._ledger.flush()
        if self._settings.keep:
            for item in batch:
                self._source.skip(item)
        else:
            deleted = self._source.delete(batch)
            self._report.deleted += deleted
            if deleted < len(batch):
                self._report.notes.append(f"{len(batch) - deleted} records were sent and could not be deleted")


def _export(folder: Path, item: Item, record: InvocationRecord) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{record.request_id}-{item.id.rsplit('/', 1)[-1]}")[:200]
    (folder / f"{name}.json").write_text(record.to_json(), encoding="utf-8", newline="")
