"""The command `lambda-destinations`: it reads the arguments, calls the library and prints the result."""

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from ._commands import _check, _list, _redrive, _run, _show
from ._commands._shared import CRASHED, INTERRUPTED, USER_ERROR, in_command_words, print_json, show
from .errors import LambdaDestinationsError

_COMMANDS = (_check.add, _show.add, _list.add, _run.add, _redrive.add)
_EXAMPLES = """\
examples:
  lambda-destinations list cdk.out
  lambda-destinations run cdk.out Source '{"Success": true}'

For the options of a command: lambda-destinations COMMAND -h
"""
_TRACEBACK = "LAMBDA_DESTINATIONS_TRACEBACK"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    0 every record arrived, 1 something was lost, 2 an error of the user, 3 something cannot be known, 70 a fault of
    this package, 130 Ctrl-C.

    :param arguments: those after the name of the program; by default the arguments of this process
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C, so that everything is cleaned up
    try:
        options = _parser(as_json="--json" in given).parse_args(given)
        return int(options.command(options))
    except LambdaDestinationsError as error:
        return _failed(type(error).__name__, in_command_words(str(error)), USER_ERROR, as_json="--json" in given)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  (any other error is a fault of ours, and must not look like a result)
        if os.environ.get(_TRACEBACK):
            traceback.print_exc()
        said = " ".join(f"{type(error).__name__}: {error}".split())
        text = f"{said}; this is a fault of lambda-destinations: run it again with {_TRACEBACK}=1 and report the output"
        return _failed("Crash", text, CRASHED, as_json="--json" in given)


def _failed(kind: str, message: str, status: int, *, as_json: bool) -> int:
    if as_json:
        show(lambda: print_json({"version": 2, "error": {"type": kind, "message": message, "status": status}}))
    print(f"{'crash' if status == CRASHED else 'error'}: {message}", file=sys.stderr)
    return status


class _Parser(argparse.ArgumentParser):
    """A parser that also prints its errors as JSON if `--json` was given."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the arguments, and exit."""
        if self.as_json:
            _failed("Usage", message, USER_ERROR, as_json=True)
            raise SystemExit(USER_ERROR)
        super().error(message)


def _parser(*, as_json: bool) -> argparse.ArgumentParser:
    kind = type("_Chosen", (_Parser,), {"as_json": as_json})
    parser: argparse.ArgumentParser = kind(
        prog="lambda-destinations",
        description="Prove what AWS Lambda destinations do.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lambda-destinations {_version()}")
    commands: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(
        required=True, metavar="COMMAND", parser_class=kind
    )
    for add in _COMMANDS:
        add(commands)
    return parser


def _version() -> str:
    try:
        return version("lambda-destinations")
    except PackageNotFoundError:
        return "(not installed)"
