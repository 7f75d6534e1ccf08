"""One binding of a destination to a function: its facts, its errors and its warnings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_lambda as lambda_

from ._arn import NOWHERE, is_token, place_in, whole_arn
from ._home import is_settled
from ._parity import upstream_parity
from ._synth import judge_of
from ._tree import path, place_of, stack_of
from ._warnings import warn

if TYPE_CHECKING:
    from types import TracebackType

    from constructs import Construct

    from ._app import App
    from ._cdk import Stack
    from ._synth import Judge

_ADVICE = {
    "imported without a role": "import the function with its role: "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., role=...)",
    "Cannot modify permission to lambda function": "import the destination function with "
    "lambda_.Function.from_function_attributes(scope, id, function_arn=..., same_environment=True)",
    "cross-account or cross-region": "define the destination in a stack of its own environment, in the same app",
}


class Binding:
    """The binding of a destination to a function. As a context manager it names the binding in errors of the CDK.

    :param destination: the user's destination object
    :param resource: the resource of the destination, None for the default bus
    :param arn: the ARN of the resource
    """

    def __init__(self, destination: object, scope: Construct, fn: lambda_.IFunction, resource: Any, arn: str) -> None:
        self.scope = scope
        self.fn = fn
        self.resource = resource
        self.arn = arn
        self._destination = destination

    @cached_property
    def stack(self) -> Stack:
        """The function's stack; for an imported function, the stack of its configuration."""
        return stack_of(self.fn if isinstance(self.fn, lambda_.Function) else self.scope)

    @property
    def stack_of_the_bus(self) -> Stack:
        """A stack in the function's account and region: its default bus is the function's."""
        own_stack = isinstance(self.scope, lambda_.EventInvokeConfig) and isinstance(self.fn, lambda_.Function)
        return stack_of(self.resource) if self.is_settled and own_stack else stack_of(self.fn)

    @cached_property
    def parity(self) -> bool:
        """Whether the user turned upstream parity on."""
        return upstream_parity(self.stack)

    @cached_property
    def source(self) -> str:
        """The ARN of the function, without a qualifier."""
        return whole_arn(self.fn)

    @cached_property
    def is_settled(self) -> bool:
        """Whether the function must be in the stage and the environment of the resource."""
        return self.resource is not None and is_settled(self.resource, self.arn)

    @cached_property
    def judge(self) -> Judge:
        """The judge that checks the stage of this binding at synth."""
        return judge_of(self.resource if self.is_settled else self.stack)

    @property
    def app(self) -> App:
        """What is remembered of the app."""
        return self.judge.app

    def __enter__(self) -> Binding:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Add to an error of the CDK the binding where it happened and, if that is known, what to do.

        :raises RuntimeError: the same class as the error: jsii raises it for every error of the CDK
        """
        if not isinstance(error, RuntimeError):
            return
        advice = next((f": {words}" for sign, words in _ADVICE.items() if sign in str(error)), "")
        name = type(self._destination).__name__
        raise RuntimeError(f"{error} (while binding a {name} to {path(self.fn)}{advice})") from error

    def warn(self, name: str, **words: object) -> None:
        """Warn on the configuration, unless upstream parity is on."""
        if not self.parity:
            warn(self.scope, name, **words)

    def granted(self) -> None:
        """Call this after the grants: it warns if the function has no role, and prepares the check at synth."""
        self.app.last = None
        # Only an imported function may have no role, and asking costs time.
        if not isinstance(self.fn, lambda_.Function) and self.fn.role is None:
            self.warn("no-grant", fn=path(self.fn))

    def reached(self) -> None:
        """Warn if the destination is certainly in another account or region than the function."""
        there = place_in(self.arn) or place_of(self.resource)
        if there == NOWHERE:
            return
        here = place_of(self.stack)
        if not isinstance(self.fn, lambda_.Function) and not is_token(self.fn.function_arn):
            here = place_in(self.fn.function_arn) or here
        if there.differs_from(here):
            self.warn("other-environment", resource=path(self.resource), there=there, here=here)
