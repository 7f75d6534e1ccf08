"""The input that a rule gives to a target: the event, a part of it, a constant, or a text with parts of it.

Source: Amazon EventBridge User Guide, "Input transformation". What it does not say is from recordings of AWS:
`<aws.events.event>` has `detailType` and no `detail`; a path that the event does not have gives "" in a template; a
JSON template with an object or a list inside of quotes is never delivered.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._arn import Arn
from .._result._codes import Finding

_STEP = re.compile(r"\.([\w\-]+)|\[(\d+)\]|\['([^']+)'\]|\[\"([^\"]+)\"\]")
_PLACEHOLDER = re.compile(r"<([^<>]*)>")
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Unclear:
    """There is no input: the event is lost, or, if `known` is False, it is not known what AWS does."""

    finding: Finding
    known: bool = True


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], rule: Arn) -> str | Unclear:
    """The text that a rule gives to a target for an event."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = at_path(event, target["InputPath"])
        if found is _NOTHING:
            return Unclear(Finding("input-path-unknown", {"path": target["InputPath"]}), known=False)
        return compact(found)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule)
    return compact(event)


def compact(value: Any) -> str:
    """JSON as the services write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def at_path(event: Any, path: str) -> Any:
    """The value at a path such as `$.resources[1]`; `_NOTHING` if the event does not have the path."""
    value, rest = event, path.removeprefix("$")
    while rest:
        step = _STEP.match(rest)
        if step is None:
            return _NOTHING
        name = next((each for each in (step[1], step[3], step[4]) if each is not None), None)
        try:
            value = value[name] if name is not None else value[int(step[2])]
        except (IndexError, KeyError, TypeError):
            return _NOTHING
        rest = rest[step.end() :]
    return value


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], rule: Arn) -> str | Unclear:
    template = str(transformer["InputTemplate"])
    values = {name: at_path(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values = {name: "" if value is _NOTHING else value for name, value in values.items()}
    values |= {
        "aws.events.event": {("detailType" if k == "detail-type" else k): v for k, v in event.items() if k != "detail"},
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event.json": event,
        "aws.events.rule-arn": str(rule),
        "aws.events.rule-name": rule.name,
    }
    is_json = template.strip().startswith("{")
    text, end = "", 0
    for match in _PLACEHOLDER.finditer(template):
        text += template[end : match.start()]
        end = match.end()
        quoted = len(re.findall(r'(?<!\\)"', template[: match.start()])) % 2 == 1
        value = values.get(match[1], "")
        if is_json and quoted and isinstance(value, dict | list):
            return Unclear(Finding("bad-input", {"text": template}))
        text += _filled(value, is_json=is_json, quoted=quoted)
    text += template[end:]
    if is_json:
        try:
            json.loads(text)
        except ValueError:
            return Unclear(Finding("bad-input", {"text": text}))
    return text


def _filled(value: Any, *, is_json: bool, quoted: bool) -> str:
    if isinstance(value, str):
        return compact(value) if is_json and not quoted else value
    if is_json:
        return compact(value)
    if isinstance(value, list):
        return f"[{','.join(each if isinstance(each, str) else compact(each) for each in value)}]"
    return compact(value).replace('"', "")
