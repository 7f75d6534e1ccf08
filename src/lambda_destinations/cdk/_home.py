"""Where a destination's resource is at home, asked once: it saves asking every function."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from ._arn import NOWHERE, is_token, whole_function
from ._cdk import Intrinsic, Tokenization
from ._tree import l1, node, path, place_of, stack_of

_NAMES = ("queue_name", "topic_name", "function_name", "bucket_name")  # of the CloudFormation resources
_SETTLED: WeakKeyDictionary[object, bool] = WeakKeyDictionary()


def is_settled(resource: Any, arn: str) -> bool:
    """Tell whether every function that can have this resource as its destination is in the resource's stage.

    And in its environment, which is open: the CDK refuses to name a resource without a name of its own in another.

    :param arn: the resource's
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
    is_given = isinstance(Tokenization.reverse_string(name).first_token, Intrinsic)  # the CDK's own is a lazy value
    return is_given and stack_of(resource).resolve(name) is None


def identity_of(resource: Any, arn: str) -> tuple[object, ...]:
    """Return what tells a resource from all others of all apps, also where the CDK hands it over as another object.

    A token of the CDK's is of one resource in one process; an ARN that is written out may stand in several apps.

    :param arn: the resource's
    """
    return (arn, path(resource), None if is_token(arn) else node(resource).root)
