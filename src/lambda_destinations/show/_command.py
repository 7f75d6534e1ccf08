"""The command `lambda-destinations show`."""

import argparse
import os
import sys
from pathlib import Path

from ..template import Given

_FORMATS = ("text", "mermaid", "svg", "json")
_STYLES = {"error": "red", "warning": "yellow", "source": "bold", "": ""}
_EXAMPLES = """
examples:
  lambda-destinations show                             # what cdk synth wrote into cdk.out
  lambda-destinations show template.yaml --format mermaid
  lambda-destinations show cdk.out --format svg > destinations.svg
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "show",
        help="draw which function sends what where",
        description="Draw the destinations of cloud assemblies and templates (JSON, YAML, SAM), with what check finds.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("cdk.out")], help="default: cdk.out")
    parser.add_argument("--format", choices=_FORMATS, default="text")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="a template parameter")


def run(options: argparse.Namespace) -> int:
    """Draw, and return the exit status: 0."""
    from . import draw, show

    parameters = dict(each.partition("=")[::2] for each in options.parameter)
    picture = show(options.paths, given=Given(parameters=parameters))
    if options.format == "text" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        _print_in_colour(picture)
    else:
        sys.stdout.write(draw(picture, options.format) + "\n")
    return 0


def _print_in_colour(picture: object) -> None:
    from rich.console import Console
    from rich.text import Text

    from ._picture import Picture
    from ._tree import lines

    assert isinstance(picture, Picture)
    console = Console(highlight=False)
    for text, style in lines(picture):
        console.print(Text(text, style=_STYLES[style]), soft_wrap=True)
