"""Objects of this package that the CDK keeps by reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import jsii


class ByReference:
    """Base class of the objects that the CDK calls back: each is created in Node once.

    jsii copies an object without a type each time it is passed. An object with a type is created here, and then passed
    by reference. `Object` is the type that jsii would give the copy.
    """

    __jsii_type__ = "Object"

    def __init__(self) -> None:
        jsii.create(type(self), self, [])


class Value(ByReference):
    """Base class of the objects that are the same for the same arguments, so that Node creates each of them once.

    A user's subclass makes a new object at each call, because it may have more state than its arguments.
    """

    _is_made = False
    _key: tuple[object, ...]

    if not TYPE_CHECKING:  # a type checker would think that every subclass has these parameters

        def __new__(cls, *given: object, **named: object) -> Any:
            """Return the object that was made with the same arguments, or a new one."""
            key = (cls, *map(id, given), *((name, id(named[name])) for name in sorted(named)))
            value = _VALUES.get(key) or super().__new__(cls)
            value._key = key
            return value

    def __init__(self) -> None:
        """Create the object in Node, if it is new. A constructor calls this last."""
        if not self._is_made:
            super().__init__()
            self._is_made = True
            if type(self).__module__.startswith(f"{__package__}."):
                _VALUES[self._key] = self  # it keeps its arguments alive, so that no id() is used again

    def __copy__(self) -> Value:
        """Return the object itself: it never changes."""
        return self

    def __deepcopy__(self, memo: object) -> Value:
        """Return the object itself: its resource must stay the one in the tree."""
        return self

    def __reduce__(self) -> str:
        """Refuse to be pickled: the resource exists only in the Node.js of this process.

        :raises TypeError: always
        """
        raise TypeError(
            f"a {type(self).__name__} belongs to the app of its process and cannot be pickled: "
            "make it in the process that uses it"
        )


_VALUES: WeakValueDictionary[tuple[object, ...], Any] = WeakValueDictionary()
