"""What all binds share: an error of the CDK's inside a bind says which destination of which function it was."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    import aws_cdk.aws_lambda as lambda_

    # jsii renames parameters between an interface and its classes, so that pyright refuses one for the other.
    AnyFunction: TypeAlias = lambda_.IFunction | lambda_.FunctionBase

_ADVICE = {
    "imported without a role": "import the function with its role: "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., role=...)",
    "Cannot modify permission to lambda function": "import the destination function with "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., same_environment=True)",
    "cross-account or cross-region": "define the function in a stack of its own environment, in the same app",
}


@contextmanager
def binding(destination: object, fn: lambda_.IFunction) -> Iterator[None]:
    """Add to an error of the CDK where it happened and, where that is known, what to do.

    :raises RuntimeError: as jsii does for every error of the CDK
    """
    try:
        yield
    except RuntimeError as error:
        advice = next((f": {words}" for sign, words in _ADVICE.items() if sign in str(error)), "")
        raise RuntimeError(
            f"{error} (while binding a {type(destination).__name__} to {fn.node.path}{advice})"
        ) from error
