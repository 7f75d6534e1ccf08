"""Checks properties with AWS's own resource schemas.

A requirement in a schema that the service itself does not enforce is left out: nothing that AWS takes may be refused.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ._finding import PropertyPath
from ._flow import Flow
from ._refuse import Refused, at
from ._resolved import Resource
from ._schemas import dereference, schema_of, types_of
from ._unknown import UNKNOWN

_KINDS: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def refuse_shapes(flow: Flow) -> Iterator[Refused]:
    """Judge the properties of every resource whose type is in `CHECKED`."""
    for resource in flow.resources:
        schema = schema_of(resource.type)
        if schema is not None:
            read_only = {str(each).rpartition("/")[2] for each in schema.get("readOnlyProperties") or ()}
            for code, path, message in _object(schema, schema, resource.properties, ()):
                yield Refused(code, resource, at(resource, *path), message, schema.get("sourceUrl", ""))
            yield from _read_only(resource, read_only - set(schema.get("required") or ()))


def _read_only(resource: Resource, names: set[str]) -> Iterator[Refused]:
    for name in sorted(names & set(resource.properties)):
        yield Refused(
            "schema-read-only", resource, at(resource, name), f"{name} is given by AWS and cannot be set: take it out"
        )


_Fault = tuple[str, PropertyPath, str]


def _faults(root: dict[str, Any], schema: Any, value: Any, path: PropertyPath) -> Iterator[_Fault]:
    schema = dereference(root, schema)
    if isinstance(value, str) and UNKNOWN in value:
        return
    types = types_of(schema)
    name = ".".join(map(str, path))
    if types and not _fits(types, value):
        if "object" not in types or not isinstance(value, str):  # a document may be written as JSON text
            yield "schema-type", path, f"{name} is {_short(value)}, and has to be {' or '.join(types)}: change it"
        return
    allowed = schema.get("enum")
    if isinstance(allowed, list) and value not in allowed and not isinstance(value, (list, dict)):
        yield "schema-value", path, f"{name} is {_short(value)}, which AWS does not have: use one of {_some(allowed)}"
    if isinstance(value, dict):
        yield from _object(root, schema, value, path)
    elif isinstance(value, list):
        yield from _array(root, schema, value, path)
    elif isinstance(value, str):
        yield from _string(schema, value, path, name)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = schema.get("minimum"), schema.get("maximum")
        if (low is not None and value < low) or (high is not None and value > high):
            yield "schema-range", path, f"{name} is {value}, outside of {low} to {high}: use a value between"


def _fits(types: tuple[str, ...], value: Any) -> bool:
    kinds = tuple(kind for each in types for kind in _KINDS.get(each, (object,)))
    if isinstance(value, bool):
        return bool in kinds or object in kinds
    return isinstance(value, kinds)


def _object(
    root: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], path: PropertyPath
) -> Iterator[_Fault]:
    members = schema.get("properties") or {}
    patterns = schema.get("patternProperties") or {}
    where = ".".join(map(str, path)) or "the resource"
    for key, each in value.items():
        matching = [one for pattern, one in patterns.items() if (found := _pattern(pattern)) and found.search(key)]
        if key in members:
            yield from _faults(root, members[key], each, (*path, key))
        elif matching:
            yield from _faults(root, matching[0], each, (*path, key))
        elif schema.get("additionalProperties") is False and members and not patterns and UNKNOWN not in key:
            yield "schema-property", (*path, key), f"{where} cannot have {key}: use one of {_some(sorted(members))}"
    for name in schema.get("required") or ():
        if name not in value:
            yield "schema-required", path, f"{where} has no {name}, which is required: add it"


def _array(root: dict[str, Any], schema: dict[str, Any], value: list[Any], path: PropertyPath) -> Iterator[_Fault]:
    low, high = schema.get("minItems"), schema.get("maxItems")
    known = not any(isinstance(each, str) and UNKNOWN in each for each in value)
    if known and ((low is not None and len(value) < low) or (high is not None and len(value) > high)):
        name = ".".join(map(str, path))
        yield "schema-range", path, f"{name} has {len(value)} items, outside of {low} to {high}: change it"
    for index, each in enumerate(value):
        yield from _faults(root, schema.get("items") or {}, each, (*path, index))


def _string(schema: dict[str, Any], value: str, path: PropertyPath, name: str) -> Iterator[_Fault]:
    low, high = schema.get("minLength"), schema.get("maxLength")
    if (low is not None and len(value) < low) or (high is not None and len(value) > high):
        yield "schema-range", path, f"{name} has {len(value)} characters, outside of {low} to {high}: change it"
        return
    pattern = _pattern(schema["pattern"]) if isinstance(schema.get("pattern"), str) else None
    if pattern is not None and not pattern.search(value):
        yield "schema-pattern", path, f"{name} is {_short(value)}, which does not match {pattern.pattern}: change it"


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:  # a pattern that Python cannot compile
        return None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def _some(values: list[Any]) -> str:
    return ", ".join(map(str, values[:40])) + (", …" if len(values) > 40 else "")
