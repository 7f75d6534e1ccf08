"""The intrinsic functions, except `Ref`, `Fn::GetAtt` and `Fn::If`, which `_evaluate` has."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import DeployError
from ._dynamic import settle_dynamic
from ._unknown import UNKNOWN, is_known
from ._values import arguments, as_text, function_of, join

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._evaluate import Evaluator
    from ._finding import PropertyPath

_HOLE = re.compile(r"\$\{(!?)([^${}]*)\}")


def _join(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    separator, node = arguments("Fn::Join", value, (2,), evaluator.where(path))
    if not isinstance(separator, str):
        raise DeployError(f"{evaluator.where(path)}: Fn::Join takes a text as separator; change the template")
    parts = evaluator.value(node, (*path, 1))
    if not isinstance(parts, list):
        return UNKNOWN if parts == UNKNOWN else {"Fn::Join": [separator, _left(evaluator, parts, "Fn::Join", path)]}
    texts = []
    for part in parts:
        text = as_text(part)
        if text is None and not (function_of(part) and not evaluator.judging):
            raise DeployError(f"{evaluator.where(path)}: Fn::Join takes texts, not {part!r}; change the template")
        texts.append(part if text is None else text)
    return _settled(evaluator, join(separator, texts), path)


def _settled(evaluator: Evaluator, joined: Any, path: PropertyPath) -> Any:
    """Replace the dynamic references in a text that was joined."""
    if "{{resolve:" not in str(joined):
        return joined
    if isinstance(joined, str):
        return settle_dynamic(joined, path, evaluator.scope)
    return evaluator.scope.lack("dynamic", evaluator.where(path), path)  # of a resource that is not deployed


def _left(evaluator: Evaluator, value: Any, name: str, path: PropertyPath) -> Any:
    if evaluator.judging or function_of(value) is None:
        raise DeployError(f"{evaluator.where(path)}: {name} does not take {value!r}; change the template")
    return value


def _sub(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    text, names = (value, {}) if isinstance(value, str) else arguments("Fn::Sub", value, (2,), evaluator.where(path))
    if not isinstance(text, str) or not isinstance(names, dict):
        raise DeployError(f"{evaluator.where(path)}: Fn::Sub takes a text and an object; change the template")
    parts: list[Any] = []
    end = 0
    for hole in _HOLE.finditer(text):
        parts.append(text[end : hole.start()])
        end = hole.end()
        literal, name = hole.groups()
        parts.append("${" + name + "}" if literal else _hole(evaluator, name.strip(), names, path))
    return _settled(evaluator, join("", [*parts, text[end:]]), path)


def _hole(evaluator: Evaluator, name: str, names: dict[str, Any], path: PropertyPath) -> Any:
    if name in names:
        value = evaluator.text(names[name], (*path, 1, name))
    elif "." in name:
        value = evaluator.attribute(name, path)
    else:
        value = evaluator.reference(name, path)
    text = ",".join(map(str, value)) if isinstance(value, list) else as_text(value)
    return _left(evaluator, value, "Fn::Sub", path) if text is None else text


def _select(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    which, node = arguments("Fn::Select", value, (2,), evaluator.where(path))
    index, items = evaluator.text(which, (*path, 0)), evaluator.value(node, (*path, 1))
    if UNKNOWN in (index, items):
        return UNKNOWN
    if not isinstance(items, list):
        return {"Fn::Select": [index, _left(evaluator, items, "Fn::Select", path)]}
    if not isinstance(index, str) or not index.isdecimal() or int(index) >= len(items):
        raise DeployError(
            f"{evaluator.where(path)}: Fn::Select has no item {index!r} in a list of {len(items)}; change the template"
        )
    return items[int(index)]


def _split(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    separator, node = arguments("Fn::Split", value, (2,), evaluator.where(path))
    text = evaluator.text(node, (*path, 1))
    if not isinstance(separator, str) or not separator:
        raise DeployError(f"{evaluator.where(path)}: Fn::Split takes a text as separator; change the template")
    if not isinstance(text, str):
        return {"Fn::Split": [separator, _left(evaluator, text, "Fn::Split", path)]}
    return UNKNOWN if text == UNKNOWN else text.split(separator)


def _base64(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    text = evaluator.text(value, path)
    if not isinstance(text, str):
        return {"Fn::Base64": _left(evaluator, text, "Fn::Base64", path)}
    return text if UNKNOWN in text else base64.b64encode(text.encode()).decode()


def _find_in_map(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    keys = arguments("Fn::FindInMap", value, (3, 4), evaluator.where(path))
    names = [evaluator.text(each, (*path, index)) for index, each in enumerate(keys[:3])]
    if not all(isinstance(each, str) for each in names):
        raise DeployError(f"{evaluator.where(path)}: Fn::FindInMap cannot use a resource as key; use a parameter")
    if not is_known(names):
        return UNKNOWN
    found: Any = evaluator.scope.mappings
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None and len(keys) == 4 and isinstance(keys[3], dict) and "DefaultValue" in keys[3]:
        return evaluator.value(keys[3]["DefaultValue"], (*path, 3, "DefaultValue"))
    if found is None:
        raise DeployError(f"{evaluator.where(path)}: no mapping has {' / '.join(names)}; add it, or a DefaultValue")
    return found


def _azs(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    region = evaluator.text(value, path) or evaluator.scope.place.region
    return UNKNOWN if not isinstance(region, str) or UNKNOWN in region else [region + zone for zone in "abc"]


def _import(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    name = evaluator.text(value, path)
    if not isinstance(name, str):
        raise DeployError(f"{evaluator.where(path)}: Fn::ImportValue cannot use a resource as name; use a parameter")
    if name in evaluator.scope.given.exports:
        return evaluator.scope.given.exports[name]
    if name not in evaluator.scope.exports:
        return evaluator.scope.lack("import", name, path)
    return evaluator.scope.exports[name] if evaluator.judging else {"Fn::ImportValue": name}


def _cidr(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    block, count, *bits = (
        evaluator.text(each, path) for each in arguments("Fn::Cidr", value, (2, 3), evaluator.where(path))
    )
    if not isinstance(block, str):
        return {"Fn::Cidr": [_left(evaluator, block, "Fn::Cidr", path), count, *bits]}
    if not is_known([block, count, *bits]):
        return UNKNOWN
    try:
        network = ipaddress.ip_network(block)
        prefix = network.max_prefixlen - int(bits[0] if bits else 8)
        subnets = network.subnets(new_prefix=prefix)
        return [str(next(subnets)) for _ in range(min(int(count), 256))]
    except (ValueError, TypeError, StopIteration, RuntimeError):
        raise DeployError(
            f"{evaluator.where(path)}: {block} cannot be split into {count} blocks of that size; change Fn::Cidr"
        ) from None


def _length(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    items = evaluator.value(value, path)
    return len(items) if isinstance(items, list) else UNKNOWN


def _to_json(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    plain = evaluator.value(value, path)
    return json.dumps(plain, separators=(",", ":")) if evaluator.judging or is_plain(plain) else UNKNOWN


def _macro(evaluator: Evaluator, value: Any, path: PropertyPath) -> Any:
    name = value.get("Name") if isinstance(value, dict) else value
    return evaluator.scope.lack("macro", str(name), path)


def is_plain(value: Any) -> bool:
    """Tell whether a value contains no intrinsic function."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    return not isinstance(value, dict) or (function_of(value) is None and all(map(is_plain, value.values())))


HANDLERS: dict[str, Callable[[Evaluator, Any, PropertyPath], Any]] = {
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _azs,
    "Fn::ImportValue": _import,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json,
    "Fn::Transform": _macro,
}
