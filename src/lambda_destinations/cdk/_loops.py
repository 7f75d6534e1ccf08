"""Loops of functions in which a leg goes over an event bus: Lambda's own detection does not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from ._facts import path, root_of
from ._warnings import warn

if TYPE_CHECKING:
    from constructs import Construct


class _Leg(NamedTuple):
    scope: Construct
    over_bus: bool


# By app: from a function's ARN with the qualifier, for each has its own configuration, to what that invokes.
_LEGS: WeakKeyDictionary[object, dict[str, dict[str, _Leg]]] = WeakKeyDictionary()


def add_leg(scope: Construct, app_of: object, source: str, target: str, *, over_bus: bool) -> None:
    """Note that the results of one function go to another, and warn on the leg that closes a loop over a bus.

    :param app_of: any construct of the app
    """
    legs = _LEGS.setdefault(root_of(app_of), {})
    leg = _Leg(scope, over_bus)
    known = legs.setdefault(source, {}).get(target)
    if known is None or over_bus:
        legs[source][target] = leg
    way = _way(legs, target, source)
    if way is None or not any(each.over_bus for each in [leg, *way]):
        return
    through = " → ".join(dict.fromkeys(path(each.scope) for each in [leg, *way]))
    warn(
        scope,
        "lambda-destinations:loop",
        f"the results go round in a loop ({through}) over the event bus, where Lambda does not stop it: break it, or "
        "make sure that a function in it ends it",
    )


def _way(legs: dict[str, dict[str, _Leg]], start: str, end: str) -> list[_Leg] | None:
    """Return the legs from one function to another, none if it is the same, None if there is no way."""
    reached: dict[str, list[_Leg]] = {start: []}
    waiting = [start]
    while waiting and end not in reached:
        here = waiting.pop()
        for there, leg in legs.get(here, {}).items():
            if there not in reached:
                reached[there] = [*reached[here], leg]
                waiting.append(there)
    return reached.get(end)
