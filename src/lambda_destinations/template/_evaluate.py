"""Evaluates values in two forms: to deploy, with references to resources, and to judge, with plausible names."""

from typing import Any

from ..errors import DeployError
from ._dynamic import settle_dynamic
from ._finding import PropertyPath
from ._functions import HANDLERS
from ._scope import Scope
from ._unknown import UNKNOWN
from ._values import NOTHING, arguments, as_text, function_of


class Evaluator:
    """Evaluates values of one template.

    :param judging: True for the form to judge, False for the form to deploy
    :param in_condition: True to refuse references to resources, as CloudFormation does in conditions
    :ivar references: the resources that were referred to since the set was last emptied
    :ivar origins: the paths in the template for those paths of the result that are different
    """

    def __init__(self, scope: Scope, *, judging: bool, in_condition: bool = False) -> None:
        self.scope, self.judging, self._in_condition = scope, judging, in_condition
        self.references: set[str] = set()
        self.origins: dict[PropertyPath, PropertyPath] = {}

    def value(self, node: Any, path: PropertyPath, out: PropertyPath | None = None) -> Any:
        """Return a value, NOTHING if it is removed.

        :param path: the path in the template
        :param out: the path in the result
        :raises DeployError: when CloudFormation would refuse the value
        """
        out = path if out is None else out
        if isinstance(node, str):
            return settle_dynamic(node, path, self.scope) if "{{resolve:" in node else node
        if isinstance(node, list):
            return self._list(node, path, out)
        if not isinstance(node, dict):
            return node
        name = function_of(node)
        if name is not None:
            return self._call(name, node[name], (*path, name), out)
        pairs = ((key, self.value(each, (*path, key), (*out, key))) for key, each in node.items())
        return {key: each for key, each in pairs if each is not NOTHING}

    def text(self, node: Any, path: PropertyPath) -> Any:
        """Return a scalar as text; any other value, for example a reference, is not changed."""
        value = self.value(node, path)
        text = as_text(value)
        return value if text is None else text

    def _list(self, node: list[Any], path: PropertyPath, out: PropertyPath) -> list[Any]:
        kept: list[Any] = []
        for index, each in enumerate(node):
            there = (*out, len(kept))
            if len(kept) != index:
                self.origins[there] = (*path, index)
            value = self.value(each, (*path, index), there)
            if value is not NOTHING:
                kept.append(value)
        return kept

    def where(self, path: PropertyPath) -> str:
        """Return a path as words for a message."""
        return f"{'.'.join(map(str, path))} of stack {self.scope.stack}"

    def _call(self, name: str, value: Any, path: PropertyPath, out: PropertyPath) -> Any:
        if name == "Fn::If":
            return self._if(value, path, out)
        if name == "Ref":
            return self.reference(value, path)
        if name == "Fn::GetAtt":
            return self.attribute(value, path)
        handler = HANDLERS.get(name)
        if handler is None:
            raise DeployError(
                f"{self.where(path)}: {name} is not a function that can be evaluated here; write its result instead"
            )
        return handler(self, value, path)

    def _if(self, value: Any, path: PropertyPath, out: PropertyPath) -> Any:
        condition, *branches = arguments("Fn::If", value, (3,), self.where(path))
        holds = self.scope.holds(condition, self.where(path))
        if holds is None:
            both = [self.value(each, (*path, index)) for index, each in enumerate(branches, 1)]
            return both[0] if both[0] == both[1] else UNKNOWN
        index = 1 if holds else 2
        self.origins[out] = (*path, index)
        return self.value(value[index], (*path, index), out)

    def _resource(self, name: str, path: PropertyPath) -> Any:
        if self._in_condition:
            raise DeployError(f"{self.where(path)}: a condition cannot refer to the resource {name}; use a parameter")
        identity = self.scope.require_resource(name, self.where(path))
        self.references.add(name)
        return identity

    def reference(self, name: Any, path: PropertyPath) -> Any:
        """Return the value of `Ref`."""
        if not isinstance(name, str):
            raise DeployError(f"{self.where(path)}: Ref takes a name; change the template")
        if name.startswith("AWS::"):
            value = self.scope.pseudo(name)
            if value is None:
                raise DeployError(f"{self.where(path)}: there is no pseudo parameter {name}; fix the name")
            return value
        if name in self.scope.parameters:
            if name in self.scope.inherited and not self.judging and not self._in_condition:
                return {"Ref": name}
            return self.scope.parameter(name, path)
        identity = self._resource(name, path)
        return identity.ref if self.judging else {"Ref": name}

    def attribute(self, value: Any, path: PropertyPath) -> Any:
        """Return the value of `Fn::GetAtt`."""
        parts = value.split(".", 1) if isinstance(value, str) else value
        name, attribute = arguments("Fn::GetAtt", parts, (2,), self.where(path))
        attribute = self.text(attribute, path)
        if not isinstance(name, str) or not isinstance(attribute, str):
            raise DeployError(f"{self.where(path)}: Fn::GetAtt takes a resource and an attribute; change the template")
        identity = self._resource(name, path)
        return identity.attribute(attribute) if self.judging else {"Fn::GetAtt": [name, attribute]}
