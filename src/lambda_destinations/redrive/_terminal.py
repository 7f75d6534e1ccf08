"""What the command prints: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Any

from ._target import in_words

if TYPE_CHECKING:
    from types import TracebackType

    from ._report import RedriveReport

_EVERY = 5.0  # seconds between two lines in a pipe


class Output:
    """Lines to a stream that may be closed, or know few characters: neither stops a run."""

    def line(self, text: str = "", stream: IO[str] | None = None) -> None:
        """Print a line; what the stream cannot show is escaped."""
        stream = sys.stdout if stream is None else stream
        encoding = getattr(stream, "encoding", None) or "utf-8"
        shown = text.encode(encoding, "backslashreplace").decode(encoding)
        try:
            print(shown, file=stream, flush=True)
        except BrokenPipeError:
            with contextlib.suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())  # pyright: ignore[reportOptionalMemberAccess]  # else Python complains

    def groups(self, report: RedriveReport) -> None:
        """Print what there is, grouped and counted."""
        self._head(report)
        for group, (count, oldest, newest) in sorted(report.groups.items(), key=lambda each: -each[1][0]):
            ages = f"{oldest:%Y-%m-%dT%H:%M:%SZ} to {newest:%Y-%m-%dT%H:%M:%SZ}"
            name = f"{group.function}:{group.qualifier}"
            attempts = f"{group.attempts} attempt{'' if group.attempts == 1 else 's'}"
            self.line(f"{count:>8}  {name}  {group.condition}  {group.error_type or '-'}  {attempts}  {ages}")
        self._rest(report)

    def plan(self, report: RedriveReport) -> None:
        """Print what would be sent where."""
        self._head(report)
        for target, count in report.targets.items():
            self.line(f"{count:>8}  would go to {in_words(target)}")
        self._rest(report)

    def summary(self, report: RedriveReport) -> None:
        """Print what became of all."""
        self.line(f"{report.sent} of {report.matched} sent, {report.deleted} deleted, {report.quarantined} quarantined")
        self._rest(report)

    def _head(self, report: RedriveReport) -> None:
        strange = sum(report.not_records.values())
        self.line(f"{report.source}: {report.scanned} scanned, {report.matched} matched, {strange} cannot be sent")

    def _rest(self, report: RedriveReport) -> None:
        for counter, what in ((report.not_records, "cannot be sent"), (report.left, "left")):
            for reason, count in counter.items():
                self.line(f"{count:>8}  {what}: {reason}")
        more = {"skipped by the filters": report.skipped, "came after the scan began": report.newer}
        more["with a payload that EventBridge serialized again"] = report.reserialized
        more["calls made again after throttling or an error of Lambda"] = report.retries
        for text, count in more.items():
            if count:
                self.line(f"{count:>8}  {text}")
        for note in filter(None, (*report.notes, report.canary, report.stopped and f"stopped: {report.stopped}")):
            self.line(f"note: {note}", sys.stderr)
        if report.interrupted:
            self.line("interrupted", sys.stderr)


class Progress:
    """The report so far, on standard error."""

    def __init__(self, output: Output) -> None:
        self._output, self._lock, self._last = output, threading.Lock(), time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            with contextlib.suppress(ImportError):
                from rich.console import Console
                from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
                from rich.progress import Progress as Bar

                columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
                self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
                self._task = self._bar.add_task("0 scanned", total=None)
                self._bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, report: RedriveReport) -> None:
        """Show it: a bar at once, a line every few seconds."""
        of = f" of about {report.about}" if report.about else ""
        text = f"{report.scanned}{of} scanned, {report.matched} matched, {report.sent} sent"
        if self._bar is not None:
            total = max(report.about, report.scanned) if report.about else None
            self._bar.update(self._task, description=text, completed=report.scanned, total=total)
            return
        with self._lock:
            now = time.monotonic()
            due = now - self._last >= _EVERY
            self._last = now if due else self._last
        if due:
            self._output.line(text, sys.stderr)
