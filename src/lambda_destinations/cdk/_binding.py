"""What all binds share: the CDK's errors say where they happened, and what would be lost in silence is warned of."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import aws_cdk.aws_lambda as lambda_

from ._ages import watch_ages
from ._facts import Place, home_of, is_token, path, place_in, place_of, upstream_parity
from ._warnings import warn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from constructs import Construct, IConstruct

    # jsii renames parameters between an interface and its classes, so that pyright refuses one for the other.
    AnyFunction: TypeAlias = lambda_.IFunction | lambda_.FunctionBase

_ADVICE = {
    "imported without a role": "import the function with its role: "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., role=...)",
    "Cannot modify permission to lambda function": "import the destination function with "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., same_environment=True)",
    "cross-account or cross-region": "define the destination in a stack of its own environment, in the same app",
}


@contextmanager
def binding(destination: object, scope: Construct, fn: lambda_.IFunction) -> Iterator[None]:
    """Add to an error of the CDK where it happened and, where that is known, what to do.

    :raises RuntimeError: as jsii does for every error of the CDK
    """
    try:
        yield
    except RuntimeError as error:
        advice = next((f": {words}" for sign, words in _ADVICE.items() if sign in str(error)), "")
        name = type(destination).__name__
        raise RuntimeError(f"{error} (while binding a {name} to {path(fn)}{advice})") from error
    stack = home_of(scope, fn)
    if not upstream_parity(stack):
        watch_ages(scope, stack)
        _warn_of_a_function_without_a_role(scope, fn)


def _warn_of_a_function_without_a_role(scope: Construct, fn: lambda_.IFunction) -> None:
    if not isinstance(fn, lambda_.Function) and fn.role is None:  # an owned function has one, and asking costs
        warn(
            scope,
            "lambda-destinations:no-grant",
            f"{path(fn)} is imported without its role, which can be granted nothing here: import it with "
            "lambda_.Function.from_function_attributes(scope, id, function_arn=..., role=...), or see that the role "
            "allows the delivery",
        )


def warn_of_another_place(scope: Construct, fn: lambda_.IFunction, resource: IConstruct, arn: str) -> None:
    """Warn where the destination is known to be in another account or region than the function.

    :param arn: the destination's
    """
    there = place_in(arn) or place_of(resource)
    if there == Place(None, None) or upstream_parity(home_of(scope, fn)):
        return
    here = place_of(scope)
    if not isinstance(fn, lambda_.Function) and not is_token(fn.function_arn):
        here = place_in(fn.function_arn) or here
    if there.differs_from(here):
        warn(
            scope,
            "lambda-destinations:other-environment",
            f"{path(resource)} is in {there}, the function in {here}: Lambda may refuse the destination or lose every "
            "record; use a destination beside the function, and forward from there",
        )
