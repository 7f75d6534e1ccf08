"""Intrinsic functions in two forms: to deploy, where references stay, and to judge, with names in their place."""

import base64
import ipaddress
import json
import re
from typing import Any

from ..errors import DeployError
from ._dynamic import settle_dynamic
from ._finding import PropertyPath
from ._scope import Scope
from ._unknown import UNKNOWN, is_known
from ._values import NOTHING, arguments, as_text, function_of, join

_HOLE = re.compile(r"\$\{(!?)([^${}]*)\}")


class Evaluator:
    """Evaluates values of one template.

    :param judging: the form to judge; else the one to deploy
    :ivar references: the resources that were referred to since it was last emptied
    :ivar origins: where a place of the result stood, if somewhere else
    """

    def __init__(self, scope: Scope, *, judging: bool, in_condition: bool = False) -> None:
        self._scope, self._judging, self._in_condition = scope, judging, in_condition
        self.references: set[str] = set()
        self.origins: dict[PropertyPath, PropertyPath] = {}

    def value(self, node: Any, path: PropertyPath, out: PropertyPath | None = None) -> Any:
        """Return a value, NOTHING for one that goes away.

        :param path: where it stands in the template, `out` where it will stand
        :raises DeployError: for what CloudFormation refuses
        """
        out = path if out is None else out
        if isinstance(node, str):
            return settle_dynamic(node, path, self._scope) if "{{resolve:" in node else node
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
        """Return a scalar as text, or a reference."""
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

    def _where(self, path: PropertyPath) -> str:
        return f"{'.'.join(map(str, path))} of stack {self._scope.stack}"

    def _call(self, name: str, value: Any, path: PropertyPath, out: PropertyPath) -> Any:
        if name == "Fn::If":
            return self._if(value, path, out)
        handler = _HANDLERS.get(name)
        if handler is None:
            raise DeployError(f"{self._where(path)}: {name} is not a function that is known here; write it out")
        return handler(self, value, path)

    def _if(self, value: Any, path: PropertyPath, out: PropertyPath) -> Any:
        condition, *branches = arguments("Fn::If", value, (3,), self._where(path))
        holds = self._scope.holds(condition, self._where(path))
        if holds is None:
            both = [self.value(each, (*path, index)) for index, each in enumerate(branches, 1)]
            return both[0] if both[0] == both[1] else UNKNOWN
        index = 1 if holds else 2
        self.origins[out] = (*path, index)
        return self.value(value[index], (*path, index), out)

    def _resource(self, name: str, path: PropertyPath) -> Any:
        if self._in_condition:
            raise DeployError(f"{self._where(path)}: a condition cannot refer to the resource {name}; use a parameter")
        identity = self._scope.require_resource(name, self._where(path))
        self.references.add(name)
        return identity

    def _ref(self, name: Any, path: PropertyPath) -> Any:
        if not isinstance(name, str):
            raise DeployError(f"{self._where(path)}: Ref takes a name; change the template")
        if name.startswith("AWS::"):
            value = self._scope.pseudo(name)
            if value is None:
                raise DeployError(f"{self._where(path)}: there is no pseudo parameter {name}; fix the name")
            return value
        if name in self._scope.parameters:
            if name in self._scope.inherited and not self._judging and not self._in_condition:
                return {"Ref": name}
            return self._scope.parameter(name, path)
        identity = self._resource(name, path)
        return identity.ref if self._judging else {"Ref": name}

    def _get_att(self, value: Any, path: PropertyPath) -> Any:
        parts = value.split(".", 1) if isinstance(value, str) else value
        name, attribute = arguments("Fn::GetAtt", parts, (2,), self._where(path))
        attribute = self.text(attribute, path)
        if not isinstance(name, str) or not isinstance(attribute, str):
            raise DeployError(f"{self._where(path)}: Fn::GetAtt takes a resource and an attribute; change the template")
        identity = self._resource(name, path)
        return identity.attribute(attribute) if self._judging else {"Fn::GetAtt": [name, attribute]}

    def _join(self, value: Any, path: PropertyPath) -> Any:
        separator, node = arguments("Fn::Join", value, (2,), self._where(path))
        if not isinstance(separator, str):
            raise DeployError(f"{self._where(path)}: Fn::Join takes a text to put between; change the template")
        parts = self.value(node, (*path, 1))
        if not isinstance(parts, list):
            return UNKNOWN if parts == UNKNOWN else {"Fn::Join": [separator, self._left(parts, "Fn::Join", path)]}
        texts = []
        for part in parts:
            text = as_text(part)
            if text is None and not (function_of(part) and not self._judging):
                raise DeployError(f"{self._where(path)}: Fn::Join takes texts, not {part!r}; change the template")
            texts.append(part if text is None else text)
        return self._settled(join(separator, texts), path)

    def _settled(self, joined: Any, path: PropertyPath) -> Any:
        """Settle the dynamic references in a text that was put together."""
        if "{{resolve:" not in str(joined):
            return joined
        if isinstance(joined, str):
            return settle_dynamic(joined, path, self._scope)
        return self._scope.lack("dynamic", self._where(path), path)  # of something that is not deployed yet

    def _left(self, value: Any, name: str, path: PropertyPath) -> Any:
        if self._judging or function_of(value) is None:
            raise DeployError(f"{self._where(path)}: {name} does not take {value!r}; change the template")
        return value

    def _sub(self, value: Any, path: PropertyPath) -> Any:
        text, names = (value, {}) if isinstance(value, str) else arguments("Fn::Sub", value, (2,), self._where(path))
        if not isinstance(text, str) or not isinstance(names, dict):
            raise DeployError(f"{self._where(path)}: Fn::Sub takes a text and an object; change the template")
        parts: list[Any] = []
        end = 0
        for hole in _HOLE.finditer(text):
            parts.append(text[end : hole.start()])
            end = hole.end()
            literal, name = hole.groups()
            parts.append("${" + name + "}" if literal else self._hole(name.strip(), names, path))
        return self._settled(join("", [*parts, text[end:]]), path)

    def _hole(self, name: str, names: dict[str, Any], path: PropertyPath) -> Any:
        if name in names:
            value = self.text(names[name], (*path, 1, name))
        elif "." in name:
            value = self._get_att(name, path)
        else:
            value = self._ref(name, path)
        text = ",".join(map(str, value)) if isinstance(value, list) else as_text(value)
        return self._left(value, "Fn::Sub", path) if text is None else text

    def _select(self, value: Any, path: PropertyPath) -> Any:
        which, node = arguments("Fn::Select", value, (2,), self._where(path))
        index, items = self.text(which, (*path, 0)), self.value(node, (*path, 1))
        if UNKNOWN in (index, items):
            return UNKNOWN
        if not isinstance(items, list):
            return {"Fn::Select": [index, self._left(items, "Fn::Select", path)]}
        if not isinstance(index, str) or not index.isdecimal() or int(index) >= len(items):
            raise DeployError(
                f"{self._where(path)}: Fn::Select has no item {index!r} in {len(items)}; change the template"
            )
        return items[int(index)]

    def _split(self, value: Any, path: PropertyPath) -> Any:
        separator, node = arguments("Fn::Split", value, (2,), self._where(path))
        text = self.text(node, (*path, 1))
        if not isinstance(separator, str) or not separator:
            raise DeployError(f"{self._where(path)}: Fn::Split takes a text to split at; change the template")
        if not isinstance(text, str):
            return {"Fn::Split": [separator, self._left(text, "Fn::Split", path)]}
        return UNKNOWN if text == UNKNOWN else text.split(separator)

    def _base64(self, value: Any, path: PropertyPath) -> Any:
        text = self.text(value, path)
        if not isinstance(text, str):
            return {"Fn::Base64": self._left(text, "Fn::Base64", path)}
        return text if UNKNOWN in text else base64.b64encode(text.encode()).decode()

    def _find_in_map(self, value: Any, path: PropertyPath) -> Any:
        keys = arguments("Fn::FindInMap", value, (3, 4), self._where(path))
        names = [self.text(each, (*path, index)) for index, each in enumerate(keys[:3])]
        if not all(isinstance(each, str) for each in names):
            raise DeployError(f"{self._where(path)}: Fn::FindInMap cannot use a resource as key; use a parameter")
        if not is_known(names):
            return UNKNOWN
        found: Any = self._scope.mappings
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        if found is None and len(keys) == 4 and isinstance(keys[3], dict) and "DefaultValue" in keys[3]:
            return self.value(keys[3]["DefaultValue"], (*path, 3, "DefaultValue"))
        if found is None:
            raise DeployError(f"{self._where(path)}: no mapping has {' / '.join(names)}; add it, or a DefaultValue")
        return found

    def _azs(self, value: Any, path: PropertyPath) -> Any:
        region = self.text(value, path) or self._scope.place.region
        return UNKNOWN if not isinstance(region, str) or UNKNOWN in region else [region + zone for zone in "abc"]

    def _import(self, value: Any, path: PropertyPath) -> Any:
        name = self.text(value, path)
        if not isinstance(name, str):
            raise DeployError(f"{self._where(path)}: Fn::ImportValue cannot use a resource as name; use a parameter")
        if name in self._scope.given.exports:
            return self._scope.given.exports[name]
        if name not in self._scope.exports:
            return self._scope.lack("import", name, path)
        return self._scope.exports[name] if self._judging else {"Fn::ImportValue": name}

    def _cidr(self, value: Any, path: PropertyPath) -> Any:
        block, count, *bits = (
            self.text(each, path) for each in arguments("Fn::Cidr", value, (2, 3), self._where(path))
        )
        if not isinstance(block, str):
            return {"Fn::Cidr": [self._left(block, "Fn::Cidr", path), count, *bits]}
        if not is_known([block, count, *bits]):
            return UNKNOWN
        try:
            network = ipaddress.ip_network(block)
            prefix = network.max_prefixlen - int(bits[0] if bits else 8)
            subnets = network.subnets(new_prefix=prefix)
            return [str(next(subnets)) for _ in range(min(int(count), 256))]
        except (ValueError, TypeError, StopIteration, RuntimeError):
            raise DeployError(
                f"{self._where(path)}: {block} has no {count} blocks like that; change Fn::Cidr"
            ) from None

    def _length(self, value: Any, path: PropertyPath) -> Any:
        items = self.value(value, path)
        return len(items) if isinstance(items, list) else UNKNOWN

    def _to_json(self, value: Any, path: PropertyPath) -> Any:
        plain = self.value(value, path)
        return json.dumps(plain, separators=(",", ":")) if self._judging or is_plain(plain) else UNKNOWN

    def _macro(self, value: Any, path: PropertyPath) -> Any:
        name = value.get("Name") if isinstance(value, dict) else value
        return self._scope.lack("macro", str(name), path)


def is_plain(value: Any) -> bool:
    """Tell whether a value refers to nothing."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    return not isinstance(value, dict) or (function_of(value) is None and all(map(is_plain, value.values())))


_HANDLERS = {
    "Fn::Base64": Evaluator._base64,  # the class's own table
    "Fn::Cidr": Evaluator._cidr,
    "Fn::FindInMap": Evaluator._find_in_map,
    "Fn::GetAZs": Evaluator._azs,
    "Fn::GetAtt": Evaluator._get_att,
    "Fn::ImportValue": Evaluator._import,
    "Fn::Join": Evaluator._join,
    "Fn::Length": Evaluator._length,
    "Fn::Select": Evaluator._select,
    "Fn::Split": Evaluator._split,
    "Fn::Sub": Evaluator._sub,
    "Fn::ToJsonString": Evaluator._to_json,
    "Fn::Transform": Evaluator._macro,
    "Ref": Evaluator._ref,
}
