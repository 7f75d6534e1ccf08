"""`check`: find what Lambda refuses, what is lost silently, what never happens and what loops."""

import argparse

from . import _shared

CLEAN, FOUND = 0, 1
_FORMATS = ("text", "json", "sarif", "junit", "github")
_EXAMPLES = """\
examples:
  lambda-destinations check                            # what cdk synth wrote into cdk.out
  lambda-destinations check template.yaml --fail-on warning
  lambda-destinations check cdk.out --format sarif > destinations.sarif

exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the check failed
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `check` and its options to the parser."""
    parser = commands.add_parser(
        "check",
        help="find what Lambda refuses and what is lost silently",
        description="Check cloud assemblies and templates in JSON, YAML or SAM, without AWS and without a deployment: "
        "what Lambda refuses, what is lost silently, what never happens and what loops.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    _shared.add_paths(parser, _FORMATS)
    parser.add_argument("--fail-on", choices=("error", "warning", "never"), default="error", help="default: error")
    parser.add_argument("--ignore", action="append", default=[], metavar="ID", help="a rule, or the start of its id")
    _shared.add_values(parser)


def run(options: argparse.Namespace) -> int:
    """Check the paths, print the report and return the exit status."""
    from ..lint import check
    from ..lint._formats import FORMATS

    report = check(options.paths, ignore=options.ignore, given=_shared.given_of(options))
    _shared.show(lambda: _shared.print_text(FORMATS[options.format](report)))
    return FOUND if options.fail_on != "never" and report.at_least(options.fail_on) else CLEAN
