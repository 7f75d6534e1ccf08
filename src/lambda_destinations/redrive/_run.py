"""A run: scan the source, send what matches, keep the counts, then delete."""

from __future__ import annotations

import contextlib
import queue
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ._bucket import BucketSource
from ._canary import came_back, seconds_to_wait
from ._clients import Clients
from ._item import Item, read_item
from ._ledger import BucketLedger, Ledger, NoLedger, QueueLedger
from ._queue import VISIBILITY, InvalidSource, QueueSource
from ._report import Lines, RedriveReport, count_reason
from ._select import Selection, expression, payload_of
from ._send import Sender, Target, parse_target, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from ..record import InvocationRecord

MAX_REDRIVES = 3
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


def redrive(
    source: str,
    *,
    functions: Collection[str] = (),
    error_types: Collection[str] = (),
    conditions: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    where: str | None = None,
    to: str | None = None,
    rate: float | None = None,
    concurrency: int = 16,
    canary: int = 0,
    canary_wait: float | None = None,
    limit: int | None = None,
    max_redrives: int = MAX_REDRIVES,
    edit: str | None = None,
    export: str | Path | None = None,
    keep: bool = False,
    quarantine: str | None = None,
    report: str | Path | None = None,
    dry_run: bool = False,
    visibility: int = VISIBILITY,
    region: str | None = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    on_progress: Callable[[RedriveReport], object] | None = None,
) -> RedriveReport:
    """Send the failed events in a queue or bucket back to their functions, at least once and in no order.

    A record is deleted only after Lambda has answered 202 to its event. Ctrl-C ends the run cleanly: the report says
    `interrupted`. With `dry_run` nothing is sent, deleted or written; the report says what there is.

    :param source: the name, ARN or URL of a queue, or `s3://bucket/prefix`
    :param functions: names, `name:qualifier` or ARNs; `error_types` and `conditions` likewise, any of them matches
    :param since: aware; records from then on, and before `until`
    :param where: JMESPath on the record
    :param to: another function, as its name, `name:qualifier` or ARN
    :param canary: send so many first, and nothing else if one of them comes back within `canary_wait` seconds, by default
        the time that Lambda's retries take
    :param rate: events a second, at most
    :param max_redrives: how often an event is redriven over all runs; then it is left, or moved to `quarantine`
    :param edit: JMESPath on the record that gives the new payload
    :param export: a folder for a copy of each record before it is deleted
    :param report: a file to which a JSON line is added for each record that was sent or could not be
    :param visibility: seconds after which SQS shows a message again when this process is killed
    :param on_progress: called with the report so far, from any thread
    :raises InvalidSource: for what cannot be read
    """
    clients = Clients(region=region, profile=profile, endpoint_url=endpoint_url, concurrency=concurrency)
    selection = Selection(functions, error_types, conditions, since, until, expression(where))
    settings = Settings(
        selection,
        expression(edit),
        parse_target(to) if to else None,
        limit,
        max_redrives,
        Path(export) if export else None,
        keep,
        _queue_url(clients, quarantine),
        dry_run,
        first=False,
    )
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(Path(report).open("a", encoding="utf-8")) if report else None
        passes = _Passes(clients, source, visibility, settings, Lines(stream), rate, concurrency, on_progress)
        if canary and not dry_run:
            return passes.with_canary(canary, canary_wait)
        return passes.run(settings)


class _Passes:
    """One pass over the source, or two: the canary's and the rest's."""

    def __init__(
        self,
        clients: Clients,
        source: str,
        visibility: int,
        settings: Settings,
        lines: Lines,
        rate: float | None,
        concurrency: int,
        on_progress: Callable[[RedriveReport], object] | None,
    ) -> None:
        self._clients, self._settings, self._lines = clients, settings, lines
        self._make = lambda: _open(clients, source, visibility)
        self._rate, self._concurrency, self._on_progress = rate, concurrency, on_progress
        self._sent: set[str] = set()

    def run(self, settings: Settings, before: RedriveReport | None = None) -> RedriveReport:
        """Go over the source once; the report adds what an earlier pass sent."""
        with contextlib.closing(self._make()) as source:
            report = RedriveReport(source=source.name, notes=list(source.notes))
            if before is not None:
                report.sent, report.matched, report.deleted = before.sent, before.matched, before.deleted
                report.targets, report.quarantined = before.targets, before.quarantined
            ledger: Ledger = NoLedger()
            if isinstance(source, BucketSource):
                ledger = BucketLedger(source.s3, source.bucket)
            elif not settings.dry_run:
                ledger = QueueLedger(self._clients, f"{source.name[:71]}-redrives")
            sender = Sender(self._clients, rate=self._rate)
            run = _Run(source, ledger, sender, report, settings, self._lines, self._on_progress, self._sent)
            run.go(self._concurrency)
        return report

    def with_canary(self, count: int, wait: float | None) -> RedriveReport:
        """Send the first ones, watch, and send the rest if none came back."""
        limit = self._settings.limit
        report = self.run(self._settings._replace(limit=min(count, limit or count), first=True))
        if not report.sent or report.interrupted or report.stopped or report.left:
            report.stopped = report.stopped or ("a canary was not sent" if report.left else None)
            return report
        try:
            report.canary, report.stopped = self._watch(report, wait)
        except KeyboardInterrupt:
            report.interrupted = True
        if report.stopped or report.interrupted:
            return report
        canary = report.canary
        rest = None if limit is None else limit - report.sent
        report = self.run(self._settings._replace(limit=rest), report)
        report.canary = canary
        return report

    def _watch(self, report: RedriveReport, wait: float | None) -> tuple[str, str | None]:
        with contextlib.closing(self._make()) as source:
            arn = source.arn
        if wait is None:
            waits = []
            for target in map(parse_target, report.targets):
                seconds, reason = seconds_to_wait(self._clients, target, arn)
                if seconds is None:
                    return f"canary: {report.sent} sent, what became of them is unknown", reason
                waits.append(seconds)
            wait = max(waits)
        failed = came_back(self._make, self._sent, wait, threading.Event())
        if failed:
            return f"canary: {report.sent} sent, {failed}", "a canary failed again"
        return f"canary: {report.sent} sent, none came back within {wait:.0f} s", None


def _open(clients: Clients, source: str, visibility: int) -> QueueSource | BucketSource:
    if source.startswith("s3://"):
        bucket, _, prefix = source.removeprefix("s3://").partition("/")
        return BucketSource(clients, bucket, prefix)
    return QueueSource(clients, source, visibility=visibility)


def _queue_url(clients: Clients, name: str | None) -> str | None:
    if name is None or "://" in name:
        return name
    from botocore.exceptions import ClientError

    try:
        return str(clients.get("sqs").get_queue_url(QueueName=name.rsplit(":", 1)[-1])["QueueUrl"])
    except ClientError as error:
        raise InvalidSource(f"cannot find the quarantine queue {name}: {error}; create it first") from None


class _Run:
    def __init__(
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
