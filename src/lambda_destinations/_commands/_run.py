"""`run`: deploy an app to a local AWS, invoke a function, and print where its record went."""

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidPayload
from . import _shared

if TYPE_CHECKING:
    from ..local import Run

_EXAMPLES = """\
examples:
  lambda-destinations run cdk.out Source '{"Success": true}'
  lambda-destinations run cdk.out Orders/Source:live @event.json --logs
  lambda-destinations run template.yaml Source --parameter Stage=test --ssm /orders/table=orders
  lambda-destinations run cdk.out Source --json | jq '.problems[].code'

exit status: 0 every record arrived, 1 something was lost, 2 an error of yours, 3 nothing was lost but something
cannot be known here, 70 a fault of ours, 130 interrupted
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `run` and its options to the parser."""
    parser = commands.add_parser(
        "run",
        help="run an app on a local AWS and follow one record",
        description="Deploy a synthesized app to a local AWS, invoke a function asynchronously, and print where its "
        "record went.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    _shared.add_app(parser)
    parser.add_argument(
        "function", help="logical id, construct path or id, or function name, each with :qualifier if needed"
    )
    parser.add_argument("payload", nargs="?", default="{}", help="JSON, @FILE, or - for standard input; default: {}")
    parser.add_argument("--create-missing", action="store_true", help="create imported destinations that do not exist")
    parser.add_argument("--real-time", action="store_true", help="wait between attempts as long as Lambda does")
    parser.add_argument("--logs", action="store_true", help="show what the handlers printed")
    parser.add_argument("--endpoint-url", metavar="URL", help="use this AWS-compatible engine instead of starting one")
    parser.add_argument("--allow-remote", action="store_true", help="accept an endpoint that is not on this machine")


def run(options: argparse.Namespace) -> int:
    """Deploy, invoke, print the tree and return the exit status."""
    from ..local import LocalAws
    from ..local._app import payload_text

    payload = payload_text(_payload(options.payload)).encode()
    values = _shared.given(options)
    progress = _shared.Progress()
    progress("starting the engine")
    try:
        with LocalAws(options.endpoint_url, allow_remote=options.allow_remote) as aws:
            aws.tell = progress
            app = aws.deploy(
                options.app,
                stack=options.stack,
                values=options.values,
                create_missing=options.create_missing,
                **values,
            )
            try:
                done = app.invoke(options.function, payload, real_time=options.real_time)
            finally:
                notes = app.notes
                if options.endpoint_url is not None:
                    progress("cleaning up")
                    app.close()  # a private engine deletes everything when it ends
    finally:
        progress.clear()
    _print(done, notes, options)
    if done.problems:
        return _shared.LOST
    return _shared.UNKNOWN if done.unknowns else _shared.ARRIVED


def _print(done: "Run", notes: tuple[str, ...], options: argparse.Namespace) -> None:
    for note in _needed(done, notes):
        _shared.say(f"note: {_shared.in_command_words(note)}")
    if options.json:
        _shared.show(lambda: _shared.print_json(done.to_json()))
    else:
        _shared.show(lambda: done.print(logs=options.logs))
    for problem in done.problems:
        _shared.say(f"lost: {problem}")
    for problem in done.unknowns:
        _shared.say(f"unknown: {problem}")


def _needed(done: "Run", notes: tuple[str, ...]) -> list[str]:
    """The notes about the resources of this run, each once, without those that the tree already shows."""
    targets = [each.target for each in done.all_deliveries] + [each.function for each in done.all_runs]
    names = {name for each in targets for name in each.names if len(name) > 1}
    said = " ".join([*done.problems, *done.unknowns])
    return [
        note
        for note in dict.fromkeys(notes)
        if note.partition(": ")[2] not in said
        and any(re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w/-])", note) for name in names)
    ]


def _payload(given: str) -> bytes:
    try:
        if given == "-":
            return sys.stdin.buffer.read()
        return Path(given[1:]).read_bytes() if given.startswith("@") else given.encode()
    except (OSError, UnicodeEncodeError) as error:
        raise InvalidPayload(f"cannot read the payload {given}: {error}; give JSON, @FILE, or -") from None
