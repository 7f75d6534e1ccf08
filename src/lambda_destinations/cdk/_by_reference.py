"""Objects of ours that the CDK keeps by reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import jsii


class ByReference:
    """Base of what the CDK calls back: created in Node once, as generated classes are.

    jsii copies an object without a type anew each time it is handed over; with one it is created here and passed by
    reference from then on. `Object` is the type that it would give the copy.
    """

    __jsii_type__ = "Object"

    def __init__(self) -> None:
        jsii.create(type(self), self, [])


class Value(ByReference):
    """Base of what is the same object for the same arguments, so that Node hears of it once.

    A subclass of a user's gets an object for each call, as it may hold more than its arguments.
    """

    _is_made = False
    _key: tuple[object, ...]

    if not TYPE_CHECKING:  # a type checker would take these parameters for those of every subclass

        def __new__(cls, *given: object, **named: object) -> Any:
            """Return the object that those arguments made before, or a new one."""
            key = (cls, *map(id, given), *((name, id(named[name])) for name in sorted(named)))
            value = _VALUES.get(key) or super().__new__(cls)
            value._key = key
            return value

    def __init__(self) -> None:
        """Make the twin in Node, unless there is one: the last thing that a constructor does."""
        if not self._is_made:
            super().__init__()
            self._is_made = True
            if type(self).__module__.startswith(f"{__package__}."):
                _VALUES[self._key] = self  # its arguments live as long as it does, so that no identity is used again

    def __copy__(self) -> Value:
        """Return the object itself, which never changes."""
        return self

    def __deepcopy__(self, memo: object) -> Value:
        """Return the object itself, whose resource stays the one in the tree."""
        return self

    def __reduce__(self) -> str:
        """Refuse to be pickled: what it stands for lives in this process's Node.

        :raises TypeError: always
        """
        raise TypeError(
            f"a {type(self).__name__} belongs to the app of its process and cannot be pickled: make it there"
        )


_VALUES: WeakValueDictionary[tuple[object, ...], Any] = WeakValueDictionary()
