"""`list`: show the functions of an app, their qualifiers and where their records go. Nothing is deployed."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UnknownName
from ..policy import UNKNOWN
from . import _shared

if TYPE_CHECKING:
    from ..template import Flow

_LATEST = "$LATEST"
_ACCOUNT, _REGION = "000000000000", "us-east-1"  # as in LocalAws
_EXAMPLES = """\
examples:
  lambda-destinations list cdk.out
  lambda-destinations list template.yaml --json | jq -r '.functions[].name'
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `list` and its options to the parser."""
    parser = commands.add_parser(
        "list",
        help="list the functions of an app and where their records go",
        description="List the functions of a synthesized app with their qualifiers and destinations. `run` takes the "
        "names as they are printed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    _shared.add_app(parser)


def run(options: argparse.Namespace) -> int:
    """Print the functions of the app and return the exit status."""
    from ..template import given_values, read_flow, read_stacks, resolve_app

    stacks = read_stacks(Path(options.app))
    if options.stack is not None:
        names = [each.name for each in stacks]
        if options.stack not in names:
            raise UnknownName(f"there is no stack {options.stack!r}; the stacks are: {', '.join(names)}")
        stacks = [each for each in stacks if each.name == options.stack]
    functions = list(
        rows(read_flow(resolve_app(stacks, given_values(options.values, _ACCOUNT, _REGION, **_shared.given(options)))))
    )
    if options.json:
        _shared.show(lambda: _shared.print_json({"version": 1, "functions": functions}))
    else:
        _shared.show(lambda: _print(functions))
    return _shared.ARRIVED


def rows(flow: "Flow") -> Iterator[dict[str, Any]]:
    """One row for each function and qualifier, as JSON values."""
    for function in flow.functions:
        configs = {each.qualifier: each for each in flow.configs if each.function is function}
        qualifiers = {each.name: each for each in function.qualifiers}
        for qualifier in dict.fromkeys([_LATEST, *qualifiers, *configs]):
            config = configs.get(qualifier)
            found = {each.on: each.arn for each in config.destinations} if config is not None else {}
            made = qualifiers[qualifier].resource if qualifier in qualifiers else None
            # A version gets its number when it is deployed, so it is listed by its construct.
            numbered = made is not None and made.type == "AWS::Lambda::Version"
            yield {
                "name": made.construct
                if made is not None and numbered
                else f"{function.resource.construct}:{qualifier}",
                "function": function.name,
                "qualifier": None if numbered else qualifier,
                "onSuccess": _label(flow, found.get("OnSuccess")),
                "onFailure": _label(flow, found.get("OnFailure")),
                "deadLetterQueue": _label(flow, function.dead_letter_arn),
            }


def _label(flow: "Flow", arn: str | None) -> str | None:
    if arn is None:
        return None
    found = flow.at(arn)
    if found is not None:
        return found.resource.construct
    name = arn.rsplit(":", 1)[-1].removeprefix("event-bus/").replace(UNKNOWN, "…")
    return "default event bus" if arn.endswith(":event-bus/default") else name


def _print(functions: list[dict[str, Any]]) -> None:
    from ..local._result._printer import printable

    if not functions:
        print("no functions")
    for each in functions:
        legs = [
            f"{words} → {each[member]}"
            for member, words in (
                ("onSuccess", "on success"),
                ("onFailure", "on failure"),
                ("deadLetterQueue", "dead-letter queue"),
            )
            if each[member] is not None
        ]
        print(printable(each["name"]))
        for index, leg in enumerate(legs or ["no destinations"]):
            print(printable(f"{'└─' if index >= len(legs) - 1 else '├─'} {leg}"))
