"""`redrive`: failed events sent back, after a question."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..errors import LambdaDestinationsError, MissingDependency, NotConfirmed
from . import _shared

if TYPE_CHECKING:
    from ..redrive import RedriveReport
    from ..redrive._terminal import Output

ALL_SENT, NOT_ALL = 0, 1
_UNITS = {"s": 1, "m": 60, "h": 3600}


def add(commands: Any) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "redrive",
        help="send failed events back to the functions that they came from",
        description="Send the events in the invocation records of a queue or bucket back to their functions: at least "
        "once, in no order; a record is deleted only after Lambda took its event. Exit status: 0 if all that matched "
        "was sent, 1 if not, 2 on errors, 130 on Ctrl-C.",
    )
    parser.set_defaults(command=run)
    option = parser.add_argument
    option("source", metavar="QUEUE|s3://BUCKET[/PREFIX]", help="the name, ARN or URL of a queue, or a bucket")
    option("--list", action="store_true", help="print what is there, grouped and counted; nothing is sent or deleted")
    option("--dry-run", action="store_true", help="print what would be sent where; nothing is sent or deleted")
    for name, metavar in (("function", "NAME[:QUALIFIER]"), ("error-type", "TYPE"), ("condition", "CONDITION")):
        option(f"--{name}", action="append", default=[], metavar=metavar, help="only these; may be given again")
    option("--since", type=_time, metavar="TIME", help="records from this time on: 2026-11-24T08:00Z, or 90m, 6h ago")
    option("--until", type=_time, metavar="TIME", help="records before this time")
    option("--where", metavar="JMESPATH", help="only records for which this is true")
    option("--to", metavar="FUNCTION[:QUALIFIER]", help="send to this function instead")
    option("--canary", type=_count, default=0, metavar="N", help="send N, wait, and stop if any of them fails again")
    option("--canary-wait", type=float, metavar="SECONDS", help="how long; by default as long as Lambda's retries take")
    option("--rate", type=_rate, metavar="N/s", help="at most so many events: 20/s, 100/m")
    option("--concurrency", type=_count, default=16, metavar="N", help="calls at once; default: 16")
    option("--limit", type=_count, metavar="N", help="send no more than N")
    option("--max-redrives", type=_count, default=3, metavar="N", help="leave what was redriven N times; default: 3")
    option("--edit", metavar="JMESPATH", help="make the new payload from the record")
    option("--export", metavar="DIR", help="write a copy of each record before its event is sent")
    option("--keep", action="store_true", help="leave the records where they are")
    option("--quarantine", metavar="QUEUE", help="move what was redriven too often to this queue")
    option("--report", metavar="FILE", help="add a JSON line for each record to this file")
    option(
        "--visibility",
        type=_count,
        default=60,
        metavar="SECONDS",
        help="after a kill, what was being sent is visible again after this; default: 60",
    )
    option("--yes", action="store_true", help="do not ask")
    for name in ("endpoint-url", "region", "profile"):
        option(f"--{name}", metavar=name.upper())


def run(options: argparse.Namespace) -> int:
    """Survey, ask, send; return the exit status."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise MissingDependency(
            f"boto3 is not installed ({error}): run pip install 'lambda-destinations[tools]'"
        ) from None
    try:
        return _run(options)
    except (BotoCoreError, ClientError) as error:
        raise LambdaDestinationsError(f"AWS: {error}; check the credentials, the region and the permissions") from None
    except OSError as error:
        place = error.filename or options.report
        raise LambdaDestinationsError(f"cannot write {place}: {error.strerror}; check the path") from None
    except ValueError as error:
        if isinstance(error, LambdaDestinationsError):
            raise
        raise _shared.UsageError(str(error)) from None


def _run(options: argparse.Namespace) -> int:
    from ..redrive._terminal import Output

    output = Output()
    given = {
        name: getattr(options, name)
        for name in (
            *("since", "until", "where", "to", "rate", "concurrency", "limit", "max_redrives", "edit", "export"),
            *("keep", "quarantine", "report", "visibility", "region", "profile", "endpoint_url", "canary"),
            "canary_wait",
        )
    }
    given |= {"functions": options.function, "error_types": options.error_type, "conditions": options.condition}
    if options.list or options.dry_run or not options.yes:
        survey = _redrive(options, output, given | {"dry_run": True})
        (output.groups if options.list else output.plan)(survey)
        if survey.interrupted:
            return _shared.INTERRUPTED
        if options.list or options.dry_run:
            return _shared.USER_ERROR if survey.stopped else ALL_SENT
        if survey.targets or (survey.left and options.quarantine and not options.keep):
            _confirm(survey, options)
            given |= {"as_of": survey.as_of, "confirmed": survey.targets}
        else:
            return ALL_SENT if survey.complete else NOT_ALL
    report = _redrive(options, output, given)
    output.summary(report)
    if report.interrupted:
        return _shared.INTERRUPTED
    return ALL_SENT if report.complete else NOT_ALL


def _redrive(options: argparse.Namespace, output: Output, given: dict[str, Any]) -> RedriveReport:
    from ..redrive import redrive
    from ..redrive._terminal import Progress

    with Progress(output) as progress:
        return redrive(options.source, **given, on_progress=progress.show)


def _confirm(survey: RedriveReport, options: argparse.Namespace) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise NotConfirmed("nothing is sent without --yes where nobody can be asked: look at --dry-run, then give it")
    from ..redrive._target import in_words

    names = "; ".join(f"{count} to {in_words(target)}" for target, count in survey.targets.items())
    quarantine = f"; what failed too often to {options.quarantine}" if options.quarantine and not options.keep else ""
    deleted = "" if options.keep else ", and delete their records"
    events = f"Send {sum(survey.targets.values())} events{deleted}: {names}{quarantine}? [y/N] "
    print(events, end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotConfirmed("not confirmed, so nothing was sent; answer y, or give --yes")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of one or more")
    return int(text)


def _rate(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/([smh]))?", text)
    if match is None or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate; write 20/s, 100/m or 1000/h")
    return float(match[1]) / _UNITS[match[2] or "s"]


def _time(text: str) -> datetime:
    from datetime import timedelta

    age = re.fullmatch(r"(\d+)([smhd])", text)
    seconds = 0
    if age:
        seconds = int(age[1]) * (_UNITS | {"d": 86400})[age[2]]
    try:
        if age:
            return datetime.now(timezone.utc) - timedelta(seconds=seconds)
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return time if time.tzinfo else time.astimezone()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write 2026-11-24T08:00Z, or 6h for ago") from None
