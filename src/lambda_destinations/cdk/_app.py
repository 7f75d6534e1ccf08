"""What this package remembers of an app until it is synthesized."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ._cdk import node_of
from ._once import once_for_each
from ._tree import node, path

if TYPE_CHECKING:
    from ._loops import Leg
    from ._requested import Requested


@dataclass(eq=False)
class App:
    """The warnings given, the legs between functions, the judge of each stage, and the ARN requested last."""

    warned: set[tuple[str, str, str]] = field(default_factory=set)
    legs: list[Leg] = field(default_factory=list)
    judged: dict[str, Any] = field(default_factory=dict)  # by the path of the stage
    last: Requested | None = None


_BY_ROOT: WeakKeyDictionary[object, App] = WeakKeyDictionary()
_BY_FOLDER: dict[str, App] = {}


@once_for_each
def app_of(construct: object) -> App:
    """Return the one `App` of a construct's app.

    For a stack without an app the CDK makes one in Node. Each time it comes to Python as a new object, but its output
    folder is always the same.
    """
    root = node(construct).root
    if root not in _BY_ROOT:
        if node_of(construct).root is not root:
            return _BY_FOLDER.setdefault(getattr(root, "outdir", "") + path(root), App())
        _BY_ROOT[root] = App()
    return _BY_ROOT[root]
