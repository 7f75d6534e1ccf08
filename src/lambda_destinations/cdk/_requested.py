"""The ARN that the records of a configuration carry: with the qualifier that was invoked, which only it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk.aws_lambda as lambda_
import jsii

from ._arn import is_token, qualifier_of, whole_arn
from ._by_reference import ByReference
from ._cdk import IStableStringProducer, node_of
from ._tree import l1, stack_of

if TYPE_CHECKING:
    from constructs import Construct

_CDKS_ID = "EventInvokeConfig"  # of the configuration that a function, version or alias makes below itself


@jsii.implements(IStableStringProducer)
class RequestedArn(ByReference):
    """The ARN of a configuration whose qualifier is known only at synth.

    :param owner: what the configuration stands below
    """

    def __init__(self, scope: lambda_.EventInvokeConfig, function_arn: str, owner: Any) -> None:
        super().__init__()
        self._scope, self._function_arn, self._owner = scope, function_arn, owner

    def produce(self) -> str:
        """Return the ARN with the qualifier of the CloudFormation resource, which stands by now."""
        if _is_of(self._scope, self._owner, self._function_arn):
            return str(self._owner.function_arn)
        config: Any = l1(self._scope)
        return f"{self._function_arn}:{config.qualifier or '$LATEST'}"


def requested_qualifier(scope: Construct, function_arn: str) -> str:
    """Return the qualifier of a configuration at synth, an alias by its name."""
    config: Any = l1(scope)
    if not isinstance(config, lambda_.CfnEventInvokeConfig):  # bound by hand
        return "$LATEST"
    owner = node_of(scope).scope
    return qualifier_of(owner) if _is_of(scope, owner, function_arn) else config.qualifier or "$LATEST"


def _is_of(scope: Construct, owner: Any, function_arn: str) -> bool:
    """Tell whether a configuration is of the alias or version that it stands below, not of another qualifier there."""
    if not isinstance(owner, lambda_.QualifiedFunctionBase) or whole_arn(owner) != function_arn:
        return False
    config: Any = l1(scope)
    if not is_token(config.qualifier) or not isinstance(owner, lambda_.Alias):
        return bool(config.qualifier == qualifier_of(owner))
    stack = stack_of(scope)  # the CDK cuts an alias's qualifier out of its ARN
    return str(stack.resolve(owner.function_arn)) in str(stack.resolve(config.qualifier))


def is_of_a_whole_function(scope: lambda_.EventInvokeConfig, owner: object) -> bool:
    """Tell whether a configuration is a function's own, so that its qualifier is `$LATEST`.

    A user may give one of the same id below a function another qualifier: `Judge` then has the rule follow.
    """
    return isinstance(owner, lambda_.Function) and node_of(scope).id == _CDKS_ID
