"""The call `redrive`: one pass over the source, or two with a canary."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InvalidSource
from ._bucket import BucketSource
from ._canary import seconds_to_wait, watch
from ._clients import Clients
from ._decide import Rules
from ._interrupt import Interrupt
from ._ledger import BucketLedger, Ledger
from ._pass import Pass
from ._queue import FEW_FOR_A_CANARY, VISIBILITY, QueueSource
from ._queue_ledger import QueueLedger
from ._queues import Quarantine, find_queue
from ._report import Lines, RedriveReport, count_reason
from ._select import Expression, Selection
from ._send import Sender
from ._tally import OVER, Sent, Settings
from ._target import find_target, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

MAX_REDRIVES = 3
_SLACK = 60  # seconds that a canary's watch may take longer than it waits
_LONGEST_VISIBILITY = 43_200  # seconds: SQS, "Amazon SQS visibility timeout"


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
    as_of: datetime | None = None,
    confirmed: Mapping[str, int] | None = None,
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
    :param functions: names, `name:qualifier` or ARNs; a record that matches one of them is taken
    :param error_types: like `ValueError`; a record that matches one of them is taken
    :param conditions: like `RetriesExhausted`; a record that matches one of them is taken
    :param since: records from this time on; a time without a zone is local
    :param until: records before this time
    :param where: JMESPath on the record
    :param to: another function, as its name, `name:qualifier` or ARN
    :param rate: events in a second, at most
    :param concurrency: calls at the same time
    :param canary: send so many first, and nothing else if one of them comes back within `canary_wait` seconds, by
        default the time that Lambda's retries take
    :param canary_wait: seconds
    :param limit: send no more events than this
    :param max_redrives: how often an event is redriven over all runs; then it is left, or moved to `quarantine`
    :param edit: JMESPath on the record that gives the new payload
    :param export: a folder for a copy of each record, written before its event is sent
    :param keep: leave the records where they are
    :param quarantine: the name, ARN or URL of a queue
    :param report: a file to which a JSON line is added for each record that was sent or could not be
    :param as_of: only what arrived before: the `as_of` of an earlier report, of a dry run for example
    :param confirmed: send no more to any target than this: the `targets` of an earlier report, of a dry run for example
    :param visibility: seconds after which SQS shows a message again when this process is killed; what the filters leave
        comes back later in a run that has taken longer, after as long as it had taken, and in the watch for canaries
        after as long as the watch takes
    :param on_progress: called with the report so far, from any thread
    :raises InvalidSource: for a queue, bucket or function that is not there or cannot be used
    :raises InvalidExpression: for JMESPath that cannot be read
    :raises MissingDependency: without boto3, or without jmespath if it is needed
    :raises ValueError: for a number out of its range
    :raises botocore.exceptions.BotoCoreError: without credentials, a region or a connection
    """
    _check_numbers(rate=rate, canary_wait=canary_wait)
    _check_counts(concurrency=concurrency, limit=limit, max_redrives=max_redrives, canary=canary or None)
    if not 1 <= visibility <= _LONGEST_VISIBILITY:
        raise ValueError(f"visibility={visibility} is not what SQS takes; give 1 to {_LONGEST_VISIBILITY} seconds")
    clients = Clients(region=region, profile=profile, endpoint_url=endpoint_url, concurrency=concurrency)
    where_, edit_ = (Expression(n, t) if t is not None else None for n, t in (("where", where), ("edit", edit)))
    selection = Selection(functions, error_types, conditions, _aware(since), _aware(until), where_)
    settings = Settings(
        Rules(selection, max_redrives, find_target(clients, to) if to else None, edit_),
        limit,
        _folder(export) if export and not dry_run else None,
        keep,
        Quarantine(*find_queue(clients, quarantine, what="quarantine queue")) if quarantine else None,
        dry_run,
        confirmed,
    )
    how = _How(source, visibility, rate, concurrency, as_of.timestamp() if as_of else None, bool(canary))
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(Path(report).open("a", encoding="utf-8")) if report and not dry_run else None
        interrupt = stack.enter_context(Interrupt())
        passes = _Passes(clients, how, settings, Lines(stream), on_progress, interrupt)
        if canary and not dry_run:
            return passes.with_canary(canary, canary_wait)
        return passes.run(settings)


def _folder(path: str | Path) -> Path:
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _aware(time: datetime | None) -> datetime | None:
    return time.astimezone() if time is not None and time.tzinfo is None else time


def _check_numbers(**given: float | None) -> None:
    for name, value in given.items():
        if value is not None and not 0 < value < float("inf"):
            raise ValueError(f"{name}={value} is out of its range; give a number above 0")


def _check_counts(**given: int | None) -> None:
    for name, value in given.items():
        if value is not None and value < 1:
            raise ValueError(f"{name}={value} is too small; give 1 or more")


class _How(NamedTuple):
    """What the passes of a run share, beside the settings."""

    source: str
    visibility: int
    rate: float | None
    concurrency: int
    as_of: float | None
    canary: bool


class _Passes:
    """One pass over the source, or two: that of the canaries, and that of the rest."""

    def __init__(  # noqa: PLR0913, PLR0917  (what both passes share)
        self,
        clients: Clients,
        how: _How,
        settings: Settings,
        lines: Lines,
        on_progress: Callable[[RedriveReport], object] | None,
        interrupt: Interrupt,
    ) -> None:
        self._clients, self._how, self._settings = clients, how, settings
        self._lines, self._on_progress, self._interrupt = lines, on_progress, interrupt
        self._sent, self._arn = Sent(set(), set()), ""

    def _open(self, visibility: int | None = None) -> QueueSource | BucketSource:
        how = self._how
        if how.source.startswith("s3:"):
            return BucketSource(self._clients, how.source, as_of=how.as_of)
        few = {"few_receives": FEW_FOR_A_CANARY} if how.canary else {}
        return QueueSource(self._clients, how.source, visibility=visibility or how.visibility, as_of=how.as_of, **few)

    def run(self, settings: Settings, before: RedriveReport | None = None) -> RedriveReport:
        """Go over the source once; the report adds what an earlier pass sent."""
        with contextlib.closing(self._open()) as source:
            self._arn, as_of = source.arn, datetime.fromtimestamp(source.as_of, timezone.utc)
            report = RedriveReport(source.name, as_of, source.about)
            if before is not None:
                report = replace(before, as_of=report.as_of, about=report.about)
            report.notes += [note for note in source.notes if note not in report.notes]
            source.notes = report.notes
            sender = Sender(self._clients, rate=self._how.rate)
            ledger = self._ledger(source, report, self._interrupt.stops(sender.stop))
            run = Pass(source, ledger, sender, report, settings, self._lines, self._on_progress, self._sent)
            run.go(self._how.concurrency)
        report.interrupted = self._interrupt.heard
        if settings.canaries and run.over and report.sent == self._settings.limit:
            count_reason(report.left, OVER)  # the second pass, which would say so, is not made
        return report

    def _ledger(self, source: QueueSource | BucketSource, report: RedriveReport, stop: threading.Event) -> Ledger:
        quarantine = self._settings.quarantine
        if isinstance(source, BucketSource):
            return BucketLedger(source.s3, source.bucket)
        if quarantine is not None and quarantine.is_at(source.url):
            raise InvalidSource(f"the quarantine queue is {source.name} itself; give another queue")
        ledger = QueueLedger(source.sqs, f"{source.name[:71]}-redrives", stop)
        report.notes.extend(note for note in ledger.notes if note not in report.notes)
        return ledger

    def with_canary(self, count: int, wait: float | None) -> RedriveReport:
        """Send the first ones, watch, and send the rest if none came back."""
        from botocore.exceptions import BotoCoreError, ClientError

        limit = self._settings.limit
        report = self.run(self._settings._replace(limit=min(count, limit or count), canaries=True))
        if report.refused and not report.stopped:
            report.stopped = "a canary was not sent"
        try:
            if report.sent and not report.stopped and not report.interrupted:
                seen, report.stopped = self._watch(report, wait)
                report.canary = f"canary: {report.sent} sent, {seen}"
                report.interrupted = self._interrupt.heard
            if report.stopped or report.interrupted or report.sent == limit:
                return report
            return self.run(self._settings._replace(limit=None if limit is None else limit - report.sent), report)
        except (BotoCoreError, ClientError, InvalidSource) as error:  # some were sent, which the report must say
            report.stopped = f"AWS: {error}"
            return report

    def _watch(self, report: RedriveReport, wait: float | None) -> tuple[str, str | None]:
        if wait is None:
            waits: list[float] = []
            for target in report.targets:
                seconds, reason = seconds_to_wait(self._clients, parse_target(target), self._arn)
                if seconds is None:
                    return "what became of them is unknown", reason
                waits.append(seconds)
            wait = max(waits)
        hold = min(max(self._how.visibility, int(wait) + _SLACK), _LONGEST_VISIBILITY)
        stop = self._interrupt.stops(threading.Event())
        return watch(lambda: self._open(hold), self._sent.new, report.as_of.timestamp(), wait, stop)
