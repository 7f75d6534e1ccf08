"""Lambda function, with the whole record or with the response alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import aws_cdk.aws_lambda as lambda_
import jsii

from ._arguments import require, require_flag
from ._binding import Binding
from ._by_reference import Value
from ._checks import refuse_itself
from ._loops import note_leg
from ._once import once_for_each
from ._response_only import bind_response_only
from ._targets import function_target

if TYPE_CHECKING:
    from constructs import Construct

    from ._arn import AnyFunction


@dataclass(frozen=True, kw_only=True, repr=False)
class LambdaDestinationOptions:
    """Options of a `LambdaDestination`: upstream's struct.

    :param response_only: see `LambdaDestination`
    """

    response_only: bool | None = None

    def __repr__(self) -> str:
        given = ", ".join(f"{f.name}={v!r}" for f in fields(self) if (v := getattr(self, f.name)) is not None)
        return f"{type(self).__name__}({given})"


@jsii.implements(lambda_.IDestination)
class LambdaDestination(Value):
    """Invoke a function with the invocation record, asynchronously.

    :param fn: a function, version or alias, owned or imported
    :param response_only: send only the `responsePayload` (what the source function returned, or its error object),
        through a rule on the default event bus; by default Lambda sends the whole record, without a bus
    :raises TypeError: if `fn` is not a function, or `response_only` is not a bool
    """

    def __init__(self, fn: AnyFunction, *, response_only: bool | None = None) -> None:
        self._fn = require(
            fn,
            "grant_invoke",
            "configure_async_invoke",
            where="LambdaDestination(fn)",
            wants="an aws_lambda.IFunction",
            how="import it with lambda_.Function.from_function_arn(scope, id, function_arn)",
        )
        self._response_only = require_flag(response_only, "LambdaDestination(response_only)")
        super().__init__()

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to invoke the function, and return its ARN.

        With `response_only`, make a rule, allow `fn` to put events, and return the ARN of the default bus.

        :raises TypeError: without `type` if `response_only` is set
        :raises InvalidDestination: if the function is `fn` itself, also through its alias or version: Lambda refuses it
        """
        config = _config(self._fn)
        with Binding(self, scope, fn, self._fn, config.destination) as binding:
            if self._response_only:
                return bind_response_only(binding, type, function_target(self._fn))
            refuse_itself(binding)
            self._fn.grant_invoke(fn)
            note_leg(binding, binding.source, over_bus=False)
            binding.granted()
            binding.reached()
        return config


@once_for_each
def _config(fn: AnyFunction) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=fn.function_arn)
