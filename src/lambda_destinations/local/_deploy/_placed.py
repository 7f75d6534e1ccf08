"""The values of the expressions in a template, after its resources are deployed."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._placeholders import placeholder
from ._resource import Resource

_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """The deployed resources of one stack, and what else its template may refer to.

    :ivar parameters: the parameters of a nested stack, by name
    :ivar attributes: attributes that do not follow from an ARN, by logical id and name
    """

    resources: Mapping[str, Resource]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def value(self, expression: Any) -> Any:
        """The value of an expression; a placeholder if it cannot be known."""
        if isinstance(expression, list):
            return [self.value(each) for each in expression]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            [(name, argument)] = expression.items()
            if name == "Ref":
                return self._ref(argument)
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
        return {key: self.value(each) for key, each in expression.items()}

    def _ref(self, name: str) -> Any:
        if name in self.parameters:
            return self.parameters[name]
        return self.resources[name].physical_id if name in self.resources else placeholder(name)

    def _attribute(self, argument: Any) -> str:
        name, _, attribute = (argument if isinstance(argument, str) else ".".join(map(str, argument))).partition(".")
        known = self.attributes.get((name, attribute))
        if known is not None:
            return known
        resource = self.resources.get(name)
        found = resource.attribute(attribute) if resource is not None else None
        return found if found is not None else placeholder(f"{name}.{attribute}")

    def _sub(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def replaced(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            if name in own:
                return str(self.value(own[name]))
            return str(self._attribute(name) if "." in name else self._ref(name))

        return _REFERENCE.sub(replaced, text).replace("${!", "${")

    def _join(self, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(map(str, self.value(parts)))

    def _select(self, argument: Any) -> Any:
        index, values = argument
        found = self.value(values)
        return found[int(index)] if isinstance(found, list) and int(index) < len(found) else placeholder("Fn::Select")

    def _split(self, argument: Any) -> list[str]:
        separator, text = argument
        return str(self.value(text)).split(separator)

    def _base64(self, argument: Any) -> str:
        return base64.b64encode(str(self.value(argument)).encode()).decode()


_FUNCTIONS = {
    "Fn::Base64": Placed._base64,
    "Fn::GetAtt": Placed._attribute,
    "Fn::Join": Placed._join,
    "Fn::Select": Placed._select,
    "Fn::Split": Placed._split,
    "Fn::Sub": Placed._sub,
}
