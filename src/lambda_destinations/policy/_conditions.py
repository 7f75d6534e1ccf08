"""Conditions: operators, set operators, `...IfExists` and `Null`, on keys that may be absent or not known.

Source: IAM User Guide, "Condition operators" and "Set operators for multivalued context keys".
"""

from dataclasses import dataclass
from typing import Literal

from ..errors import InvalidPolicy
from ._answers import UNKNOWN, Tri, all_of, any_of, negated, same
from ._context import Context
from ._operators import OPERATORS, Operator
from ._variables import filled

_SETS: dict[str, Literal["all", "any"]] = {"forallvalues:": "all", "foranyvalue:": "any"}


@dataclass(frozen=True)
class Condition:
    """One operator on one key. For `Null`, `operator` is None."""

    name: str
    key: str
    wanted: tuple[str, ...]
    operator: Operator | None
    if_exists: bool = False
    over: Literal["one", "all", "any"] = "one"


def condition(name: str, key: str, wanted: tuple[str, ...]) -> Condition:
    """A condition, read from a policy.

    :raises InvalidPolicy: for an operator that does not exist
    """
    base, over = name.lower(), "one"
    for prefix, kind in _SETS.items():
        if base.startswith(prefix):
            base, over = base[len(prefix) :], kind
    if base == "null" and over == "one":
        return Condition(name, key, wanted, None)
    if_exists = base.endswith("ifexists")
    operator = OPERATORS.get(base.removesuffix("ifexists"))
    if operator is None:
        raise InvalidPolicy(f"there is no condition operator {name!r}; see the ones in IAM's documentation")
    return Condition(name, key, wanted, operator, if_exists=if_exists, over=over)  # type: ignore[arg-type]


def met(each: Condition, context: Context, version: str) -> Tri:
    """Whether a request meets a condition."""
    if UNKNOWN in each.key:
        return None
    values = context.values(each.key)
    if values is None:  # it may have any value, or be absent
        return same([_met(each, (UNKNOWN,), context, version), _met(each, (), context, version)])
    return _met(each, values, context, version)


def _met(each: Condition, values: tuple[str, ...], context: Context, version: str) -> Tri:
    if each.operator is None:
        absent = "true" if not values else "false"
        return any_of(OPERATORS["bool"].compare(wanted, absent) for wanted in each.wanted)
    if not values:
        return each.if_exists or each.over == "all" or (each.over == "one" and each.operator.negative)
    answers = [_one(each, each.operator, value, context, version) for value in values]
    if each.over == "all":
        return all_of(answers)
    if each.over == "any":
        return any_of(answers)
    return same(answers)  # AWS asks for a set operator; what happens without one is not documented


def _one(each: Condition, operator: Operator, value: str, context: Context, version: str) -> Tri:
    found = any_of(_compared(operator, wanted, value, context, version) for wanted in each.wanted)
    if operator.negative and found is False and _lacks_value(each, operator, context, version):
        return None  # AWS: a variable without a value "might cause the entire statement to be invalid"
    return negated(found) if operator.negative else found


def _compared(operator: Operator, wanted: str, value: str, context: Context, version: str) -> Tri:
    if not operator.variables:
        return operator.compare(wanted, value)
    text = filled(wanted, context, version, wildcards=operator.wildcards)
    return False if text is None else operator.compare(text, value)


def _lacks_value(each: Condition, operator: Operator, context: Context, version: str) -> bool:
    return operator.variables and any(filled(text, context, version, wildcards=False) is None for text in each.wanted)
