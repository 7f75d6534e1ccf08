"""One pass over a source: scan, decide, send, and settle what was sent."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ..errors import InvalidSource
from ._canary import FAILED
from ._decide import Decision, What, decide
from ._send import STOPPED
from ._settle import Done, Settler
from ._tally import Sent, Settings, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record import InvocationRecord
    from ._bucket import BucketSource
    from ._item import Item
    from ._ledger import Ledger
    from ._queue import QueueSource
    from ._report import Lines, RedriveReport
    from ._send import Sender


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
        self._tally = Tally(report, settings, sent)
        self._error: BaseException | None = None
        self._settler = Settler(source, ledger, report, keep=settings.keep, failed=self._fail, stop=self._stop)
        sender.on_gone = report.notes.append

    def go(self, concurrency: int) -> None:
        """Scan to the end, or until something stops it; what was sent is settled before it returns.

        An error of AWS stops the run and is told in the report; any other is raised, when all is settled.
        """
        slots = threading.BoundedSemaphore(2 * concurrency)
        with self._settler, ThreadPoolExecutor(concurrency) as pool:
            try:
                for items in self._source.scan(self._sender.stop):
                    if self._tally.over.is_set():
                        break
                    for item in items:
                        slots.acquire()
                        pool.submit(self._work, item).add_done_callback(lambda _: slots.release())
            except BaseException as error:  # noqa: BLE001  (raised again below, unless the report tells it)
                self._fail(error)
        report = self._report
        report.retries += self._sender.retries
        report.newer = self._source.newer
        report.stopped = report.stopped or self._source.cut_short or None
        if self._error is not None:
            raise self._error

    def _work(self, item: Item) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if self._sender.stop.is_set() or self._tally.over.is_set() or not self._load(item):
                self._source.skip(item)
                return
            decision = decide(item, self._settings.rules, self._ledger, self._tally.request_ids.done)
            done = None
            try:
                done = self._act(item, decision)
            except (BotoCoreError, ClientError) as error:  # of this record, not of all
                self._leave(item, decision, str(error))
                self._tally.done(decision)
            if done is not None:
                self._settler.put(done)
            else:
                self._source.skip(item)
            if self._on_progress is not None:
                self._on_progress(self._report)
        except BaseException as error:  # noqa: BLE001  (the run ends with it)
            self._fail(error)

    def _load(self, item: Item) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._source.load(item)
        except (BotoCoreError, ClientError) as error:
            item.unread = f"it cannot be read: {error}"
            return True

    @property
    def over(self) -> bool:
        """Whether there was more than the limit."""
        return self._tally.over.is_set()

    def _fail(self, error: BaseException) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, (BotoCoreError, ClientError)):
            self._stop(f"AWS: {error}")
            return
        # Of the report or the disk; or the counts cannot be kept any more.
        if isinstance(error, OSError) or (isinstance(error, InvalidSource) and self._report.sent):
            self._stop(str(error))
            return
        self._error = self._error or error
        self._sender.stop.set()

    def _stop(self, reason: str) -> None:
        self._tally.stopped(reason)
        self._sender.stop.set()

    def _act(self, item: Item, decision: Decision) -> Done | None:  # noqa: PLR0911  (a return for each answer)
        """Do what was decided; None leaves the record where it is."""
        if decision.what is What.DONE and self._tally.is_failed_canary(decision):
            self._stop(FAILED)
        refused = self._tally.count(decision)
        if refused is None or decision.what in (What.SKIP, What.DONE):
            return None
        if decision.what is What.NOT_A_RECORD:
            self._write("not a record", item, decision)
            return None
        if refused or decision.what is What.LEAVE:
            return self._leave(item, decision, refused or decision.reason)
        if decision.what is What.WORN_OUT:
            if not self._settings.moves_worn_out:
                return self._leave(item, decision, decision.reason)
            if self._settings.dry_run:
                return self._leave(item, decision, f"{decision.reason}, so that it goes to the quarantine")
            return self._into_quarantine(item, decision)
        if self._settings.dry_run:
            return None
        return self._send(item, decision)

    def _leave(
        self, item: Item, decision: Decision, reason: str, *, refused: bool = False, **members: object
    ) -> Done | None:
        self._tally.leave(reason, refused=refused)
        self._write("left", item, decision, reason=reason, **members)
        return None

    def _send(self, item: Item, decision: Decision) -> Done | None:
        record, target = decision.record, decision.target
        assert record is not None
        assert target is not None
        self._ledger.open()
        if not self._export(item, record):
            return None
        answer = self._sender.send(target, decision.payload)
        members = decision.sent_as(answer.status) | {"redrives": decision.redriven + 1}
        if answer.request_id is None:
            if answer.stop:
                self._stop(answer.reason)
            return self._leave(item, decision, answer.reason, refused=answer.reason != STOPPED, **members)
        self._tally.sent(record.request_id, answer.request_id)
        done = Done(item, record.request_id, decision.redriven + 1)
        try:
            self._write("sent", item, decision, new_request_id=answer.request_id, **members)
            self._ledger.note(answer.request_id, done.redrives)
            if self._settings.keep:
                self._ledger.note(record.request_id, done.redrives)  # the next run sends the same record again
        except Exception as error:  # noqa: BLE001  (it was sent: its record must go, and the run must end)
            self._stop(f"{answer.request_id} was sent, and its line or its count could not be kept: {error}")
        return done

    def _into_quarantine(self, item: Item, decision: Decision) -> Done | None:
        record = decision.record
        assert record is not None
        assert self._settings.quarantine is not None
        if not self._export(item, record):
            return None
        self._settings.quarantine.put(record)
        self._tally.quarantined()
        try:
            self._write("quarantined", item, decision, redrives=decision.redriven)
        except OSError as error:  # it is in the quarantine: its record must go, and the run must end
            self._stop(str(error))
        return Done(item, record.request_id, decision.redriven)

    def _write(self, event: str, item: Item, decision: Decision, **members: object) -> None:
        if decision.record is not None:
            members = {"request_id": decision.record.request_id, **members}
        if decision.reason:
            members.setdefault("reason", decision.reason)
        self._lines.write(event, item.id, **members)

    def _export(self, item: Item, record: InvocationRecord) -> bool:
        """Write a copy if one is wanted; False if that fails, which stops the run."""
        folder = self._settings.export
        if folder is None:
            return True
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{record.request_id}-{item.id.rsplit('/', 1)[-1]}")[:200]
        try:
            (folder / f"{name}.json").write_text(record.to_json(), encoding="utf-8", newline="")
        except OSError as error:
            self._stop(f"no copy can be written into {folder}: {error.strerror}")
            return False
        return True
