"""Loops of functions over response_only rules: Lambda's own detection does not see an EventBridge leg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._facts import path
from ._warnings import warn

if TYPE_CHECKING:
    from constructs import Construct

# From a source function's ARN to those that its rules invoke, each with the scope of the rule. An ARN of an app's own
# resource is a token, which no two share; only imported functions can meet here from several apps of one process.
_NEXT: dict[str, dict[str, Construct]] = {}


def add_leg(scope: Construct, source_arn: str, target_arn: str) -> None:
    """Note that the responses of one function go to another, and warn on the leg that closes a loop."""
    _NEXT.setdefault(source_arn, {})[target_arn] = scope
    legs = _way(target_arn, source_arn)
    if legs is None or any(leg.node.root is not scope.node.root for leg in legs):  # type: ignore[attr-defined,unused-ignore]
        return
    through = " → ".join(dict.fromkeys(path(leg) for leg in [scope, *legs]))
    warn(
        scope,
        "lambda-destinations:loop",
        f"the responses go round in a loop ({through}) over the event bus, where Lambda does not stop it: break it, or "
        "make sure that a function in it ends it",
    )


def _way(start: str, end: str) -> list[Construct] | None:
    """Return the legs from one function to another, none if it is the same, None if there is no way."""
    if start == end:
        return []
    reached: dict[str, list[Construct]] = {start: []}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there, scope in _NEXT.get(here, {}).items():
            if there == end:
                return [*reached[here], scope]
            if there not in reached:
                reached[there] = [*reached[here], scope]
                waiting.append(there)
    return None
