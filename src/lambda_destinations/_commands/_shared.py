"""What the subcommands share: exit statuses, the options for template values, and output."""

import argparse
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LambdaDestinationsError

if TYPE_CHECKING:
    from ..template import Given

ARRIVED, LOST, USER_ERROR, UNKNOWN, CRASHED, INTERRUPTED = 0, 1, 2, 3, 70, 130

# The names of arguments in the messages of the library, and the options of the command in their place.
_OPTIONS = (
    ("allow_remote=True if that is meant", "give --allow-remote if that is meant"),
    ("let create_missing do that", "let --create-missing do that"),
    ("create_missing", "--create-missing"),
    ("the endpoint_url of", "the --endpoint-url of"),
    ("endpoint_url", "--endpoint-url"),
)
_GIVEN = re.compile(r"\b(parameter|secret|export)s=\{'(.+?)': …\}|\b(ssm)=\{'(.+?)': …\}")


def add_app(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the app, and the options for the values that its templates need."""
    parser.add_argument("app", help="the folder that cdk synth wrote (cdk.out), or one template: JSON, YAML or SAM")
    parser.add_argument("--stack", help="only this stack; run also deploys the stacks that it needs")
    add_values(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, errors too")


def add_paths(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add the argument for assemblies and templates, and the option for the output format."""
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("cdk.out")], help="default: cdk.out")
    parser.add_argument("--format", choices=formats, default="text", help="default: text")


def add_values(parser: argparse.ArgumentParser) -> None:
    """Add the options for the values that templates need."""
    parser.add_argument("--values", metavar="FILE", help="JSON or YAML with parameters, ssm, secrets, exports")
    for option, what in (
        ("parameter", "a template parameter"),
        ("ssm", "a parameter in Parameter Store"),
        ("secret", "a secret, by name or ARN"),
        ("export", "an export of another app"),
    ):
        parser.add_argument(
            f"--{option}", action="append", default=[], metavar="NAME=VALUE", help=f"{what}; may be repeated"
        )


def given(options: argparse.Namespace) -> dict[str, dict[str, str]]:
    """The `NAME=VALUE` options as keyword arguments of `LocalAws.deploy`."""
    return {
        "parameters": _pairs(options.parameter, "--parameter"),
        "ssm": _pairs(options.ssm, "--ssm"),
        "secrets": _pairs(options.secret, "--secret"),
        "exports": _pairs(options.export, "--export"),
    }


def given_of(options: argparse.Namespace) -> "Given":
    """The values to resolve templates with. Account and region are known only if the templates name them."""
    from ..template import given_values

    named = given(options)
    return given_values(
        options.values,
        parameters=named["parameters"],
        ssm=named["ssm"],
        secrets=named["secrets"],
        exports=named["exports"],
    )


def _pairs(values: list[str], option: str) -> dict[str, str]:
    for each in values:
        if "=" not in each:
            raise UsageError(f"{option} {each} has no value; give {option} NAME=VALUE")
    return {name: value for name, _, value in (each.partition("=") for each in values)}


class UsageError(LambdaDestinationsError, ValueError):
    """An option whose value cannot be read."""


def in_command_words(text: str) -> str:
    """A message of the library, with options of the command instead of Python arguments."""
    for ours, theirs in _OPTIONS:
        text = text.replace(ours, theirs)
    return _GIVEN.sub(lambda found: f"--{found[1] or found[3]} {found[2] or found[4]}=…", text)


def show(write: Callable[[], None]) -> None:
    """Write to standard output. A pipe that its reader closes early is not an error."""
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would raise again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(document: Any) -> None:
    """Print a document as JSON; in ASCII if standard output cannot encode it."""
    text = document if isinstance(document, str) else json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text), indent=2)
    print(text)


def print_text(text: str) -> None:
    """Print a text, with `?` for each character that standard output cannot encode."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, errors="replace").decode(encoding))


def say(text: str) -> None:
    """Write a line to standard error, wrapped if that is a terminal."""
    if sys.stderr.isatty():
        width = max(shutil.get_terminal_size().columns - 1, 30)
        text = textwrap.fill(text, width, subsequent_indent="  ", break_on_hyphens=False)
    print(text, file=sys.stderr)


class Progress:
    """One line on standard error that says what is being done. It is shown on a terminal only."""

    def __init__(self) -> None:
        self._shown = 0
        self._terminal = sys.stderr.isatty()

    def __call__(self, what: str) -> None:
        """Replace the line by this text."""
        if self._terminal:
            text = what[:78]
            print(f"\r{text:<{self._shown}}", end="", file=sys.stderr, flush=True)
            self._shown = len(text)

    def clear(self) -> None:
        """Clear the line, so that the next output starts on an empty one."""
        if self._shown:
            print(f"\r{'':<{self._shown}}\r", end="", file=sys.stderr, flush=True)
            self._shown = 0
