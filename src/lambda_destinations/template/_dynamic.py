"""Dynamic references: `{{resolve:ssm:…}}`, `{{resolve:secretsmanager:…}}`."""

import json
import re

from ._finding import PropertyPath
from ._scope import Scope

_REFERENCE = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]*)\}\}")


def settle_dynamic(text: str, path: PropertyPath, scope: Scope) -> str:
    """Replace the dynamic references in a text with the given values, or with UNKNOWN."""

    def settle(found: re.Match[str]) -> str:
        service, rest = found.groups()
        return _parameter(rest, path, scope) if service.startswith("ssm") else _secret(rest, path, scope)

    return _REFERENCE.sub(settle, text)


def _parameter(rest: str, path: PropertyPath, scope: Scope) -> str:
    name, _, version = rest.rpartition(":")
    if not name or not version.isdecimal():
        name = rest
    value = scope.given.ssm.get(name)
    return scope.lack("ssm", name, path) if value is None else value


def _secret(rest: str, path: PropertyPath, scope: Scope) -> str:
    parts = rest.split(":")
    length = 7 if parts[0] == "arn" else 1
    name, member = ":".join(parts[:length]), parts[length + 1 : length + 2]
    short = re.sub(r"-[A-Za-z0-9]{6}$", "", parts[6]) if len(parts) > 6 and length == 7 else name
    for each in (name, short, parts[6] if length == 7 and len(parts) > 6 else name):
        value = scope.given.secrets.get(each)
        if value is not None:
            return _member(value, member[0] if member else "", name, path, scope)
    return scope.lack("secret", name, path)


def _member(value: str, member: str, name: str, path: PropertyPath, scope: Scope) -> str:
    if not member:
        return value
    try:
        found = json.loads(value)[member]
    except (ValueError, KeyError, TypeError):
        return scope.lack("secret", f"{name}:{member}", path)
    return found if isinstance(found, str) else json.dumps(found)
