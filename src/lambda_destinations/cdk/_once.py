"""Ask Node only once: a call into the CDK takes more time than everything else here."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


def once_for_each(ask: Callable[[K], V]) -> Callable[[K], V]:
    """Remember the answer of `ask` for each object, as long as that object lives.

    Use it for what never changes in a construct: its ARN, its stack, its node, its context.
    """
    answers: WeakKeyDictionary[K, V] = WeakKeyDictionary()

    @wraps(ask)
    def remembering(key: K) -> V:
        try:
            return answers[key]
        except KeyError:
            answers[key] = answer = ask(key)
            return answer
        except TypeError:  # an object of a user's class without a hash or without weak references
            return ask(key)

    return remembering
