"""The ARN in the records of a configuration. Its qualifier is the one that was invoked: the configuration's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_lambda as lambda_
import jsii

from ._arn import is_token, qualifier_of, whole_arn
from ._by_reference import ByReference
from ._cdk import IStableStringProducer, Lazy, node_of
from ._tree import l1, node, stack_of

if TYPE_CHECKING:
    from constructs import Construct

    from ._binding import Binding

_CDKS_ID = "EventInvokeConfig"  # the id of the configuration that a function, version or alias makes below itself


@jsii.implements(IStableStringProducer)
class RequestedArn(ByReference):
    """The ARN of a configuration whose qualifier is known only at synth.

    :param owner: the parent of the configuration in the tree
    """

    def __init__(self, scope: lambda_.EventInvokeConfig, function_arn: str, owner: Any) -> None:
        super().__init__()
        self._scope, self._function_arn, self._owner = scope, function_arn, owner

    def produce(self) -> str:
        """Return the ARN with the qualifier of the CloudFormation resource, which is final now."""
        if _is_of(self._scope, self._owner, self._function_arn):
            return str(self._owner.function_arn)
        config: Any = l1(self._scope)
        return f"{self._function_arn}:{config.qualifier or '$LATEST'}"


def requested_qualifier(scope: Construct, function_arn: str) -> str:
    """Return the qualifier of a configuration at synth; for an alias, its name."""
    config: Any = l1(scope)
    if not isinstance(config, lambda_.CfnEventInvokeConfig):  # bound by hand
        return "$LATEST"
    owner = node_of(scope).scope
    return qualifier_of(owner) if _is_of(scope, owner, function_arn) else config.qualifier or "$LATEST"


def _is_of(scope: Construct, owner: Any, function_arn: str) -> bool:
    """Tell whether a configuration is for its parent, an alias or version, and not for another qualifier."""
    if not isinstance(owner, lambda_.QualifiedFunctionBase) or whole_arn(owner) != function_arn:
        return False
    config: Any = l1(scope)
    if not is_token(config.qualifier) or not isinstance(owner, lambda_.Alias):
        return bool(config.qualifier == qualifier_of(owner))
    stack = stack_of(scope)  # the CDK takes an alias's qualifier from its ARN
    return str(stack.resolve(owner.function_arn)) in str(stack.resolve(config.qualifier))


@dataclass(frozen=True)
class Requested:
    """The ARN in the records of a configuration.

    :param arn: the ARN with the qualifier
    :param function_arn: the ARN without it
    :param place: the node of the configuration, None if the user called `bind`
    :param is_assumed: whether a user may give the configuration another qualifier later, see `Judge`
    """

    arn: str
    function_arn: str
    place: Any = None
    is_assumed: bool = False


def requested_by(binding: Binding) -> Requested:
    """Return the ARN in the records of a binding; upstream's rule always has `$LATEST`."""
    scope, fn = binding.scope, binding.fn
    if not isinstance(scope, lambda_.EventInvokeConfig):
        return Requested(f"{fn.function_arn if binding.parity else binding.source}:$LATEST", binding.source)
    place = node(scope)
    owner = place.scope
    if isinstance(fn, lambda_.Function) and isinstance(owner, lambda_.Function) and place.id == _CDKS_ID:
        return Requested(f"{binding.source}:$LATEST", binding.source, place, is_assumed=True)
    if binding.parity:
        return Requested(f"{fn.function_arn}:$LATEST", binding.source, place)
    return Requested(Lazy.string(RequestedArn(scope, binding.source, owner)), binding.source, place)
