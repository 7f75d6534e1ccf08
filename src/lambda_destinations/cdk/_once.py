"""Ask Node once: a call into the CDK costs more than everything else here together."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


def once_for_each(ask: Callable[[K], V]) -> Callable[[K], V]:
    """Remember what `ask` answered for each object, by identity, as long as that object lives.

    For what a construct keeps from its creation on: an ARN, a stack, a node, its context.
    """
    answers: WeakKeyDictionary[K, V] = WeakKeyDictionary()

    @wraps(ask)
    def remembering(key: K) -> V:
        try:
            return answers[key]
        except KeyError:
            answers[key] = answer = ask(key)
            return answer
        except TypeError:  # a user's own class that cannot be hashed or referred to weakly
            return ask(key)

    return remembering
