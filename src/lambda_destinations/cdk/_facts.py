"""What is asked of a construct, once: its place, its node, whether the user wants upstream's ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk.aws_lambda as lambda_

from ._cdk import Stack, node_of
from ._once import once_for_each

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

UPSTREAM_PARITY = "lambda-destinations:upstream-parity"


@dataclass(frozen=True)
class Place:
    """An account and a region; None where it is known only when deployed."""

    account: str | None
    region: str | None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.account, self.region)))

    def differs_from(self, other: Place) -> bool:
        """Tell whether the two are known to be apart: a token is never judged."""
        pairs = ((self.account, other.account), (self.region, other.region))
        return any(mine and its and mine != its for mine, its in pairs)


def is_token(value: str) -> bool:
    """Tell whether a string holds a value that the CDK resolves later."""
    return "${Token[" in value


def _known(value: str) -> str | None:
    return None if is_token(value) or not value else value


stack_of = once_for_each(Stack.of)


def home_of(scope: Construct, fn: lambda_.IFunction) -> Stack:
    """Return the stack of a binding: the function's, as bind asks for it anyway, or where an imported one is used."""
    return stack_of(fn) if isinstance(fn, lambda_.Function) else stack_of(scope)


@once_for_each
def _place_of_stack(stack: Stack) -> Place:
    return Place(_known(stack.account), _known(stack.region))


def place_of(construct: IConstruct) -> Place:
    """Return where the stack of a construct is deployed."""
    return _place_of_stack(stack_of(construct))


def place_in(arn: str) -> Place | None:
    """Return what an ARN says of the place, None if it is not resolved."""
    parts = arn.split(":")
    return None if is_token(arn) or len(parts) < 6 else Place(parts[4] or None, parts[3] or None)


def whole_function(fn: Any) -> Any:
    """Return the function itself behind a version or alias, owned or imported, and a function as it is."""
    whole = None if isinstance(fn, lambda_.Function) else getattr(fn, "lambda_", None)
    return fn if whole is None else whole


def unqualified(function_arn: str) -> str:
    """Return a function's ARN without its qualifier, as far as it is resolved."""
    return function_arn if is_token(function_arn) else ":".join(function_arn.split(":")[:7])


node = once_for_each(node_of)


@once_for_each
def upstream_parity(construct: object) -> bool:
    """Tell whether the CDK context of a construct turns every difference from upstream off.

    Asked of a stack where a function is bound, of the resource in a constructor, which knows no stack yet.
    """
    return node(construct).try_get_context(UPSTREAM_PARITY) in (True, "true")


@once_for_each
def root_of(construct: object) -> Any:
    """Return the app."""
    return node(construct).root


@once_for_each
def path(construct: object) -> str:
    """Return the construct path, for messages."""
    return str(node(construct).path)


@once_for_each
def l1(construct: object) -> Any | None:
    """Return the CloudFormation resource behind a construct, None behind an imported one."""
    return node(construct).default_child
