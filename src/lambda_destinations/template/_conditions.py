"""The conditions of a template: true, false, or not known."""

from collections.abc import Callable
from typing import Any

from ..errors import DeployError
from ._finding import PropertyPath
from ._unknown import is_known
from ._values import arguments, as_text


class Conditions:
    """Evaluates conditions by name.

    :param declared: the conditions of the template
    :param evaluate: returns the value of a parameter, a mapping or a text in a condition
    """

    def __init__(self, stack: str, declared: dict[str, Any], evaluate: Callable[[Any, PropertyPath], Any]) -> None:
        self._stack, self._declared, self._evaluate = stack, declared, evaluate
        self._known: dict[str, bool | None] = {}
        self._open: list[str] = []

    def holds(self, name: Any, where: str) -> bool | None:
        """Tell whether a condition is true; None if it depends on an unknown value.

        :raises DeployError: when the condition does not exist, is malformed, or depends on itself
        """
        if not isinstance(name, str) or name not in self._declared:
            raise DeployError(f"{where}: there is no condition {name!r}; declare it under Conditions")
        if name in self._open:
            raise DeployError(f"condition {name} of stack {self._stack} depends on itself; break the cycle")
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._decide(self._declared[name], ("Conditions", name))
            self._open.pop()
        return self._known[name]

    def _decide(self, node: Any, path: PropertyPath) -> bool | None:
        where = f"condition {path[1]} of stack {self._stack}"
        if not isinstance(node, dict) or len(node) != 1:
            raise DeployError(f"{where} is not a condition function; use Fn::Equals, Fn::And, Fn::Or or Fn::Not")
        name, value = next(iter(node.items()))
        if name == "Condition":
            return self.holds(value, where)
        if name == "Fn::Equals":
            left, right = arguments(name, value, (2,), where)
            return self._equal(left, right, (*path, name))
        if name == "Fn::Not":
            inner = self._decide(arguments(name, value, (1,), where)[0], (*path, name, 0))
            return None if inner is None else not inner
        if name in {"Fn::And", "Fn::Or"}:
            each = arguments(name, value, tuple(range(1, 11)), where)
            answers = [self._decide(one, (*path, name, index)) for index, one in enumerate(each)]
            deciding: bool = name == "Fn::Or"
            if deciding in answers:
                return deciding
            return None if None in answers else not deciding
        raise DeployError(
            f"{where} uses {name}, which is not a condition function; use Fn::Equals, Fn::And or the like"
        )

    def _equal(self, left: Any, right: Any, path: PropertyPath) -> bool | None:
        values = [self._evaluate(left, (*path, 0)), self._evaluate(right, (*path, 1))]
        if not all(map(is_known, values)):
            return None
        one, other = (each if as_text(each) is None else as_text(each) for each in values)
        return bool(one == other)
