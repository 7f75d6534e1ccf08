"""ARNs: what is known from an ARN before the deployment, and the qualifier of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_lambda as lambda_

from ._once import once_for_each

if TYPE_CHECKING:
    from typing import TypeAlias

    # jsii renames parameters between an interface and its classes, so that pyright does not accept one for the other.
    AnyFunction: TypeAlias = lambda_.IFunction | lambda_.FunctionBase


@dataclass(frozen=True)
class Place:
    """An account and a region; None if it is known only when deployed."""

    account: str | None
    region: str | None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.account, self.region)))

    def differs_from(self, other: Place) -> bool:
        """Tell whether the two certainly differ; a token is not compared."""
        pairs = ((self.account, other.account), (self.region, other.region))
        return any(mine and its and mine != its for mine, its in pairs)


NOWHERE = Place(None, None)


def is_token(value: str) -> bool:
    """Tell whether a string holds a value that the CDK resolves later."""
    return "${Token[" in value


def place_in(arn: str) -> Place | None:
    """Return the account and the region in an ARN, None if the ARN is a token."""
    parts = arn.split(":")
    return None if is_token(arn) or len(parts) < 6 else Place(parts[4] or None, parts[3] or None)


def whole_function(fn: Any) -> Any:
    """Return the function of a version or alias, owned or imported; a function is returned as it is."""
    whole = None if isinstance(fn, lambda_.Function) else getattr(fn, "lambda_", None)
    return fn if whole is None else whole


def _unqualified(function_arn: str) -> str:
    return function_arn if is_token(function_arn) else ":".join(function_arn.split(":")[:7])


@once_for_each
def whole_arn(fn: AnyFunction) -> str:
    """Return the ARN of a function without a qualifier, also for its version or alias."""
    return _unqualified(whole_function(fn).function_arn)


@once_for_each
def qualifier_of(fn: Any) -> str:
    """Return the qualifier of an alias (its name), a version (its number), or a function (`$LATEST`)."""
    if whole_function(fn) is not fn:
        return str(getattr(fn, "alias_name", None) or fn.version)
    parts = [] if is_token(arn := fn.function_arn) else arn.split(":")
    return parts[7] if len(parts) > 7 else "$LATEST"
