"""Templates as text, in JSON and in YAML with short forms, and the line of a property."""

import json
from typing import Any

import yaml

SHORT = {"Ref": "!Ref", "Fn::GetAtt": "!GetAtt", "Fn::Sub": "!Sub", "Fn::Join": "!Join", "Fn::If": "!If"}


class _Dumper(yaml.SafeDumper):
    """Writes the intrinsic functions in their short forms, and writes no aliases."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _mapping(dumper: _Dumper, value: dict[str, Any]) -> yaml.Node:
    if len(value) == 1 and next(iter(value)) in SHORT:
        ((name, inner),) = value.items()
        if name == "Fn::GetAtt":
            return dumper.represent_scalar(SHORT[name], ".".join(inner))
        if isinstance(inner, list):
            return dumper.represent_sequence(SHORT[name], inner, flow_style=True)
        return dumper.represent_scalar(SHORT[name], inner)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value)


_Dumper.add_representer(dict, _mapping)


def in_json(template: dict[str, Any]) -> str:
    return json.dumps(template, indent=1)


def in_yaml(template: dict[str, Any]) -> str:
    return yaml.dump(template, Dumper=_Dumper, sort_keys=False, width=1000)


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Return the line, counted from 1, of the last name in a path. The names are looked for one after the other."""
    lines, at = text.splitlines(), 0
    for name in (each for each in path if isinstance(each, str)):
        at = next(n for n in range(at, len(lines)) if lines[n].strip(' -"').startswith((f"{name}:", f'{name}":')))
    return at + 1
