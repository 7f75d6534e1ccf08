"""The place of a construct in the tree, asked once for each object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._arn import Place, is_token
from ._cdk import Stack, node_of
from ._once import once_for_each

if TYPE_CHECKING:
    from constructs import IConstruct

node = once_for_each(node_of)
stack_of = once_for_each(Stack.of)


@once_for_each
def path(construct: object) -> str:
    """Return the construct path, for messages."""
    return str(node(construct).path)


@once_for_each
def l1(construct: object) -> Any | None:
    """Return the CloudFormation resource behind a construct, None behind an imported one."""
    return node(construct).default_child


def same_stack(one: Any, other: Any) -> bool:
    """Tell whether two constructs of one app share a stack, also if the CDK returns the stack as a new object."""
    mine, its = stack_of(one), stack_of(other)
    return mine is its or path(mine) == path(its)


@once_for_each
def _place_of_stack(stack: Stack) -> Place:
    account, region = (None if is_token(value) or not value else value for value in (stack.account, stack.region))
    return Place(account, region)


def place_of(construct: IConstruct) -> Place:
    """Return where the stack of a construct is deployed."""
    return _place_of_stack(stack_of(construct))


def is_attached(construct: object) -> bool:
    """Tell whether a construct is still in the tree; one that was removed keeps its path."""
    here = node_of(construct)
    while (parent := here.scope) is not None:
        above = node_of(parent)
        if above.try_find_child(here.id) is None:
            return False
        here = above
    return True
