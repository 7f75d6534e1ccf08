"""Checks event patterns as EventBridge does."""

import json
from typing import Any

from ._unknown import UNKNOWN, is_known

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
_OPERATORS = {
    "anything-but": (str, int, float, list, dict),
    "cidr": (str,),
    "equals-ignore-case": (str,),
    "exists": (bool,),
    "numeric": (list,),
    "prefix": (str, dict),
    "suffix": (str, dict),
    "wildcard": (str,),
}
_COMPARISONS = frozenset({"<", "<=", "=", ">", ">="})


def fault_of(pattern: Any) -> str | None:
    """Return why EventBridge refuses a pattern; None if EventBridge takes it, or if that is not known."""
    if isinstance(pattern, str):
        if UNKNOWN in pattern:
            return None
        try:
            pattern = json.loads(pattern)
        except ValueError:
            return "the event pattern is not JSON: write an object"
    if not isinstance(pattern, dict):
        return 'the event pattern is not an object: write one, as in {"source": ["lambda"]}'
    return _fault(pattern, "")


def _fault(pattern: dict[str, Any], where: str) -> str | None:
    if not pattern:
        return f"the event pattern{where and ' at ' + where} is empty: name what should match"
    for key, value in pattern.items():
        path = f"{where}.{key}" if where else key
        fault = None
        if key == "$or" and isinstance(value, list):
            fault = _alternatives(value, where)
        elif isinstance(value, dict):
            fault = _fault(value, path)
        elif isinstance(value, list):
            fault = _matchers(value, path)
        elif not (isinstance(value, str) and UNKNOWN in value):
            fault = f"the event pattern has {value!r} at {path}: put it into a list"
        if fault is not None:
            return fault
    return None


def _alternatives(values: list[Any], where: str) -> str | None:
    faults = (_fault(each, where) if isinstance(each, dict) else None for each in values)
    return next((fault for fault in faults if fault is not None), None)


def _matchers(values: list[Any], path: str) -> str | None:
    if not values:
        return f"the event pattern has an empty list at {path}: name what should match"
    for value in values:
        if isinstance(value, list):
            return f"the event pattern has a list in a list at {path}: use one list"
        fault = _operator(value, path) if isinstance(value, dict) and is_known(value) else None
        if fault is not None:
            return fault
    return None


def _operator(value: dict[str, Any], path: str) -> str | None:
    if len(value) != 1:
        return f"the event pattern has {len(value)} operators in one object at {path}: use an object for each"
    name, operand = next(iter(value.items()))
    if name not in _OPERATORS:
        return f"the event pattern has an unknown operator {name!r} at {path}: use one of {', '.join(_OPERATORS)}"
    wanted = _OPERATORS[name]
    if not isinstance(operand, wanted) or (isinstance(operand, bool) and bool not in wanted):
        return f"the event pattern has {name!r} with {operand!r} at {path}, which it does not take: fix the value"
    if isinstance(operand, list) and name == "numeric" and not _is_numeric(operand):
        return f'the event pattern has \'numeric\' with {operand!r} at {path}: write as in [">", 0, "<=", 5]'
    if name in {"prefix", "suffix"} and isinstance(operand, dict) and set(operand) != {"equals-ignore-case"}:
        return f"the event pattern has {name!r} with {operand!r} at {path}: use text, or equals-ignore-case"
    return None


def _is_numeric(operand: list[Any]) -> bool:
    signs, numbers = operand[::2], operand[1::2]
    return (
        len(operand) in {2, 4}
        and all(isinstance(sign, str) and sign in _COMPARISONS for sign in signs)
        and all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in numbers)
    )
