"""The call `redrive`: one pass over the source, or two with a canary."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidSource
from ._bucket import BucketSource
from ._canary import came_back, seconds_to_wait
from ._clients import Clients
from ._ledger import BucketLedger, Ledger, NoLedger, QueueLedger
from ._pass import Pass, Settings
from ._queue import VISIBILITY, QueueSource
from ._report import Lines, RedriveReport
from ._select import Selection, expression
from ._send import Sender, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

MAX_REDRIVES = 3


def redrive(  # noqa: PLR0913  (the options of the command)
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
    :param canary: send so many first, and nothing else if one of them comes back within `canary_wait` seconds, by
        default the time that Lambda's retries take
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

    def __init__(  # noqa: PLR0913, PLR0917  (what both passes share)
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
        self._source, self._visibility = source, visibility
        self._rate, self._concurrency, self._on_progress = rate, concurrency, on_progress
        self._sent: set[str] = set()

    def _make(self) -> QueueSource | BucketSource:
        return _open(self._clients, self._source, self._visibility)

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
            run = Pass(source, ledger, sender, report, settings, self._lines, self._on_progress, self._sent)
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
            waits: list[float] = []
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
