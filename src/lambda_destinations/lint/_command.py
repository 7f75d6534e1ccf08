"""The command `lambda-destinations check`."""

import argparse
import sys
from pathlib import Path

from ..template import Given

CLEAN, FOUND = 0, 1
_FORMATS = ("text", "json", "sarif", "junit", "github")
_EXAMPLES = """
examples:
  lambda-destinations check                            # what cdk synth wrote into cdk.out
  lambda-destinations check template.yaml --fail-on warning
  lambda-destinations check cdk.out --format sarif > destinations.sarif

Exit status: 0 nothing at or above --fail-on, 1 something, 2 the check could not be made.
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "check",
        help="find what Lambda refuses, what is lost in silence, what never happens and what goes round",
        description="Check cloud assemblies and templates (JSON, YAML, SAM), without AWS and without a deployment.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("cdk.out")], help="default: cdk.out")
    parser.add_argument("--format", choices=_FORMATS, default="text")
    parser.add_argument("--fail-on", choices=("error", "warning", "never"), default="error", help="default: error")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="ID", help="a rule, or the beginning of its id"
    )
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="a template parameter")


def run(options: argparse.Namespace) -> int:
    """Check, print the report, and return the exit status."""
    from ._check import check
    from ._formats import FORMATS

    parameters = dict(each.partition("=")[::2] for each in options.parameter)
    report = check(options.paths, ignore=options.ignore, given=Given(parameters=parameters))
    sys.stdout.write(FORMATS[options.format](report) + "\n")
    return FOUND if options.fail_on != "never" and report.at_least(options.fail_on) else CLEAN
