"""The command `lambda-destinations`: a thin skin over the library."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import InvalidPayload, LambdaDestinationsError

DELIVERED, LOST, FAILED, INTERRUPTED = 0, 1, 2, 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 delivered, 1 a record was lost, 2 an error, 130 Ctrl-C."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does, leaving nothing behind
    try:
        return int(options.command(options))
    except LambdaDestinationsError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lambda-destinations", description="Prove what AWS Lambda destinations do.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="run a synthesized app on a local AWS and follow one record",
        description="Deploy a synthesized app to a local AWS, invoke a function asynchronously, and print where its "
        "record went. Exit status: 0 if every record arrived, 1 if one was lost, 2 on errors.",
    )
    run.set_defaults(command=_run)
    run.add_argument("app", type=Path, help="the folder that cdk synth wrote (cdk.out), or one template")
    run.add_argument(
        "function", help="logical id, construct path or id, or function name, each with :qualifier if need be"
    )
    run.add_argument("payload", nargs="?", default="{}", help="JSON, @FILE, or - for standard input; default: {}")
    run.add_argument("--stack", help="deploy this stack only, with those it needs")
    run.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="a template parameter")
    run.add_argument("--create-missing", action="store_true", help="create imported destinations that are not there")
    run.add_argument("--real-time", action="store_true", help="wait the minutes between attempts that Lambda waits")
    run.add_argument("--json", action="store_true", help="print the tree as JSON")
    run.add_argument("--endpoint-url", help="use this AWS-compatible engine instead of starting one")
    run.add_argument("--allow-remote", action="store_true", help="accept an endpoint that is not on this machine")
    from .redrive._command import add_parser

    add_parser(commands)
    return parser


def _run(options: argparse.Namespace) -> int:
    from .local import LocalAws

    payload = _payload(options.payload)
    parameters = dict(each.partition("=")[::2] for each in options.parameter)
    with LocalAws(options.endpoint_url, allow_remote=options.allow_remote) as aws:
        app = aws.deploy(options.app, stack=options.stack, parameters=parameters, create_missing=options.create_missing)
        for note in app.notes:
            print(f"note: {note}", file=sys.stderr)
        try:
            run = app.invoke(options.function, payload, real_time=options.real_time)
        finally:
            if options.endpoint_url is not None:
                app.close()  # a private engine takes everything with it
    if options.json:
        print(run.to_json())
    else:
        run.print()
    for problem in run.problems:
        print(f"lost: {problem}", file=sys.stderr)
    return LOST if run.problems else DELIVERED


def _payload(given: str) -> bytes:
    try:
        if given == "-":
            return sys.stdin.buffer.read()
        return Path(given[1:]).read_bytes() if given.startswith("@") else given.encode()
    except (OSError, UnicodeEncodeError) as error:
        raise InvalidPayload(f"cannot read the payload {given}: {error}; give JSON, @FILE, or -") from None
