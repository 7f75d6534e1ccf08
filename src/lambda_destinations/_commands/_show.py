"""`show`: draw which function sends what where."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from . import _shared

if TYPE_CHECKING:
    from ..show import Picture

_FORMATS = ("text", "mermaid", "svg", "json")
_STYLES = {"error": "red", "warning": "yellow", "source": "bold", "": ""}
_EXAMPLES = """\
examples:
  lambda-destinations show                             # what cdk synth wrote into cdk.out
  lambda-destinations show template.yaml --format mermaid
  lambda-destinations show cdk.out --format svg > destinations.svg
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `show` and its options to the parser."""
    parser = commands.add_parser(
        "show",
        help="draw which function sends what where",
        description="Draw the destinations of cloud assemblies and templates in JSON, YAML or SAM, with what `check` "
        "finds on each arrow.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    _shared.add_paths(parser, _FORMATS)
    _shared.add_values(parser)


def run(options: argparse.Namespace) -> int:
    """Print the picture and return the exit status."""
    from ..show import draw, show

    picture = show(options.paths, given=_shared.given_of(options))
    if options.format == "text" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        _shared.show(lambda: _in_colour(picture))
    else:
        text = draw(picture, options.format)
        _shared.show(lambda: _shared.print_text(text))
    return 0


def _in_colour(picture: "Picture") -> None:
    from rich.console import Console
    from rich.text import Text

    from ..show import lines

    console = Console(highlight=False)
    for text, style in lines(picture):
        console.print(Text(text, style=_STYLES[style]), soft_wrap=True)
