"""Matches event patterns with events that are partly unknown. The answer may be "not known", too.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..policy import UNKNOWN
from ..policy._answers import Tri, all_of, any_of, negated
from ..policy._matching import ANY
from ..policy._matching import matches as text_matches


class Anything:
    """A member that has any JSON value, or is absent."""


ANYTHING = Anything()
"""The only `Anything`."""


@dataclass(frozen=True, slots=True)
class AnyTextBut:
    """An unknown text that is none of `texts`."""

    texts: frozenset[str]


_ABSENT = object()
_WILDCARD = re.compile(r"\\([*\\])|\*")  # a backslash escapes an asterisk or a backslash
_COMPARES = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    "=": lambda value, limit: value == limit,
    ">=": lambda value, limit: value >= limit,
    ">": lambda value, limit: value > limit,
}


def matches(pattern: Any, event: Any) -> Tri:
    """Tell whether an event pattern matches an event; None if that is not known.

    :param pattern: plain JSON; UNKNOWN in a text stands for any text
    :param event: plain JSON, which may also contain ANYTHING and AnyTextBut
    """
    if not isinstance(pattern, Mapping):
        return None  # not a pattern: `_patterns` refuses it
    return all_of(_member(name, wanted, event) for name, wanted in pattern.items())


def _member(name: str, wanted: Any, event: Any) -> Tri:
    if name == "$or" and isinstance(wanted, list):
        return any_of(matches(each, event) for each in wanted)
    if event is ANYTHING or UNKNOWN in name:
        return None
    if isinstance(event, list):  # EventBridge looks into each object of an array
        return any_of(_member(name, wanted, each) for each in event)
    value = event.get(name, _ABSENT) if isinstance(event, Mapping) else _ABSENT
    if isinstance(wanted, Mapping):
        return matches(wanted, {} if value is _ABSENT else value)
    if not isinstance(wanted, list):
        return None
    return any_of(_one(each, value) for each in wanted)


def _one(wanted: Any, value: Any) -> Tri:
    """Tell whether one element of a pattern's leaf matches a value, or any element of an array."""
    if isinstance(value, Mapping):
        value = _ABSENT  # `exists` and the other operators look at leaves only, and an object is not a leaf
    if isinstance(wanted, Mapping) and "exists" in wanted:
        return None if value is ANYTHING else (value is not _ABSENT) == bool(wanted["exists"])
    if value is ANYTHING:
        return None
    if value is _ABSENT:
        return False
    values = value if isinstance(value, list) else [value]
    return any_of(_leaf(wanted, each) for each in values)


def _leaf(wanted: Any, value: Any) -> Tri:  # noqa: PLR0911  (one return for each operator)
    if value is ANYTHING:
        return None
    if not isinstance(wanted, Mapping):
        return _same(wanted, value)
    if len(wanted) != 1:
        return None
    ((operator, operand),) = wanted.items()
    if operator == "anything-but":
        operands = operand if isinstance(operand, list) else [operand]
        return negated(any_of(_leaf(each, value) for each in operands))
    if operator == "numeric" and isinstance(operand, list):
        return _numeric(operand, value)
    if operator == "cidr" and isinstance(value, str):
        return _in_network(str(operand), value)
    if operator in {"prefix", "suffix", "wildcard", "equals-ignore-case"}:
        return _text(operator, operand, value)
    return None


def _same(wanted: Any, value: Any) -> Tri:
    if isinstance(wanted, str) and isinstance(value, AnyTextBut):
        return False if wanted in value.texts else None
    if isinstance(wanted, str) and isinstance(value, str):
        return text_matches(wanted, value)
    comparable = isinstance(value, type(wanted)) or (_is_number(wanted) and _is_number(value))
    return bool(comparable and wanted == value)


def _text(operator: str, operand: Any, value: Any) -> Tri:  # noqa: PLR0911  (one return for each operator)
    if isinstance(operand, list):
        return any_of(_text(operator, each, value) for each in operand)
    if isinstance(operand, Mapping):  # {"prefix": {"equals-ignore-case": "a"}}
        folded = operand.get("equals-ignore-case")
        if not isinstance(folded, str):
            return None
        return _text(operator, folded.lower(), value.lower() if isinstance(value, str) else value)
    if not isinstance(operand, str):
        return None
    if not isinstance(value, str):
        return None if isinstance(value, AnyTextBut) else False
    if operator == "equals-ignore-case":
        return text_matches(operand.lower(), value.lower())
    if operator == "wildcard":
        return text_matches(_WILDCARD.sub(lambda found: found[1] or ANY, operand), value)
    return text_matches(f"{operand}{ANY}" if operator == "prefix" else f"{ANY}{operand}", value)


def _numeric(operand: list[Any], value: Any) -> Tri:
    if not _is_number(value):
        return False
    pairs = list(zip(operand[::2], operand[1::2], strict=False))
    if not all(operator in _COMPARES and _is_number(limit) for operator, limit in pairs):
        return None
    return all(_COMPARES[operator](value, limit) for operator, limit in pairs)


def _in_network(network: str, value: str) -> Tri:
    if UNKNOWN in network or UNKNOWN in value:
        return None
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
