"""Event ages that leave no time for the retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._service import DEFAULT_RETRIES, retries_within
from ._parity import upstream_parity
from ._tree import stack_of
from ._warnings import warn

if TYPE_CHECKING:
    from constructs import IConstruct


def judge_age(config: IConstruct, age: object, retries: object) -> None:
    """Warn if the maximum event age leaves no time for the retries; a value that is not a number is not checked."""
    wanted = DEFAULT_RETRIES if retries is None else retries
    if not isinstance(age, (int, float)) or not isinstance(wanted, (int, float)) or age < 0:
        return  # a number below zero is a token, which the CDK resolves later
    possible = retries_within(age)
    if possible < wanted and not upstream_parity(stack_of(config)):
        warn(config, "age-below-retry", age=age, possible=possible, wanted=wanted)
