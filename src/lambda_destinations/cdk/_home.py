"""Where the resource of a destination is: asked once, and then not again for every function."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from ._arn import NOWHERE, is_token, whole_function
from ._cdk import Intrinsic, Tokenization
from ._tree import l1, node, path, place_of, stack_of

_NAMES = ("queue_name", "topic_name", "function_name", "bucket_name")  # of the CloudFormation resources
_SETTLED: WeakKeyDictionary[object, bool] = WeakKeyDictionary()


def is_settled(resource: Any, arn: str) -> bool:
    """Tell whether every function with this destination must be in the stage and the environment of the resource.

    That is so for a resource without a name of its own in a stack without an environment: the CDK refuses to use it in
    another environment.

    :param arn: the ARN of the resource
    """
    settled = _SETTLED.get(resource)
    if settled is None:
        settled = is_token(arn) and place_of(resource) == NOWHERE and _is_unnamed(resource)
        _SETTLED[resource] = settled
    return settled


def _is_unnamed(resource: Any) -> bool:
    """Tell whether a resource gets its name from CloudFormation, and not from the CDK when another stack needs it."""
    made = l1(whole_function(resource))
    name = next((getattr(made, name) for name in _NAMES if hasattr(type(made), name)), "")
    if name is None or not is_token(name):
        return name is None
    is_given = isinstance(Tokenization.reverse_string(name).first_token, Intrinsic)  # a name of the CDK's is lazy
    return is_given and stack_of(resource).resolve(name) is None


def identity_of(resource: Any, arn: str) -> tuple[object, ...]:
    """Return a key that no other resource of any app has, also if the CDK returns the resource as a new object.

    A token belongs to one resource in one process; an ARN that is written out may be in several apps.

    :param arn: the ARN of the resource
    """
    return (arn, path(resource), None if is_token(arn) else node(resource).root)
