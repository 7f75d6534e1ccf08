"""Converts scalars as CloudFormation does: to text or to numbers, as the schema wants."""

from typing import Any

from ._schemas import dereference, schema_of, types_of
from ._values import as_text


def coerce(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a resource, each scalar converted to its type in AWS's schema."""
    schema = schema_of(kind)
    if schema is None:
        return properties
    coerced = _coerce(schema, {"type": "object", "properties": schema.get("properties")}, properties)
    return coerced if isinstance(coerced, dict) else properties


def _coerce(root: dict[str, Any], schema: Any, value: Any) -> Any:
    schema = dereference(root, schema)
    if isinstance(value, dict):
        members = schema.get("properties") or {}
        patterns = list((schema.get("patternProperties") or {}).values())
        rest = patterns[0] if patterns else schema.get("additionalProperties")
        return {key: _coerce(root, members.get(key, rest), each) for key, each in value.items()}
    if isinstance(value, list):
        return [_coerce(root, schema.get("items"), each) for each in value]
    return as_type(types_of(schema), value)


def as_type(types: tuple[str, ...], value: Any) -> Any:
    """Return a scalar converted to one of the types, or unchanged if that is not possible."""
    text = as_text(value)
    if not types or text is None:
        return value
    if "string" in types:
        return text
    if "boolean" in types and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return _as_number(text, value, whole="number" not in types) if {"integer", "number"} & set(types) else value


def _as_number(text: str, value: Any, *, whole: bool) -> Any:
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return value
    if number.is_integer() and abs(number) < 2**53:
        return int(number)
    return value if whole else number
