"""Read policy documents into statements. Source: IAM User Guide, "Grammar of the IAM JSON policy language"."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .._words import shown
from ..errors import InvalidPolicy
from ._answers import UNKNOWN
from ._conditions import Condition, condition
from ._managed import content

Document = str | Mapping[str, Any]
"""A policy: a dict, JSON text, the ARN of a managed policy, or UNKNOWN if its content is not known.

UNKNOWN may also stand for any part of a policy: a statement, an effect, an action, a condition. An ARN means the
content of that policy; the content of some AWS managed policies is known here.
"""

Names = tuple[str, ...]

_LONGEST = 4096  # bits of a number: Python refuses to write one of more than about 4,300 digits


@dataclass(frozen=True)
class Element:
    """`Action` or `NotAction`, `Resource` or `NotResource`: the list; `negative` means everything else."""

    listed: Names
    negative: bool = False


@dataclass(frozen=True)
class Principals:
    """`Principal` or `NotPrincipal`: each name with its type (`AWS`, `Service`, …; `*` for the text `"*"`)."""

    listed: tuple[tuple[str, str], ...]
    negative: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement. `label` is its name in messages, `effect` may be UNKNOWN, and an absent element is None."""

    label: str
    version: str
    effect: str
    action: Element
    resource: Element | None
    principal: Principals | None
    conditions: tuple[Condition, ...]
    unknown: bool = False


def statements(document: Document | None, name: str, kind: Literal["identity", "resource"]) -> Iterator[Statement]:
    """The statements of a document; `name` is its name in messages.

    :raises InvalidPolicy: if AWS would refuse the document
    """
    if document is None:
        return
    if isinstance(document, str) and document.startswith("arn:"):
        name, document = document, content(document)
    if document == UNKNOWN:
        yield _anything(f"{name}, whose content is not known,", kind)
        return
    found = _object(_read(document, name), name)
    version = _text(found.get("Version", "2008-10-17"), f"'Version' of {name}")
    if version not in ("2008-10-17", "2012-10-17") and UNKNOWN not in version:
        raise InvalidPolicy(f"{name} has the version {version!r}; use '2012-10-17'")
    if "Statement" not in found:
        raise InvalidPolicy(f"{name} has no 'Statement'; add one")
    listed = found["Statement"]
    version = UNKNOWN if UNKNOWN in version else version
    for number, each in enumerate(listed if isinstance(listed, list | tuple) else [listed], 1):
        yield _statement(each, f"statement {number} of {name}", version, kind, name)


def _statement(each: Any, label: str, version: str, kind: str, name: str) -> Statement:
    if each == UNKNOWN:
        return _anything(f"{label}, which is not known,", kind)
    given = _object(each, label)
    if isinstance(given.get("Sid"), str) and given["Sid"] and UNKNOWN not in given["Sid"]:
        label = f"statement {given['Sid']!r} of {name}"
    effect = _text(given.get("Effect"), f"'Effect' of {label}")
    if effect not in ("Allow", "Deny") and UNKNOWN not in effect:
        raise InvalidPolicy(f"'Effect' of {label} is {effect!r}; use 'Allow' or 'Deny'")
    action, resource = _element(given, "Action", label), _element(given, "Resource", label)
    if action is None:
        raise InvalidPolicy(f"{label} has neither 'Action' nor 'NotAction'; add one")
    if resource is None and kind == "identity":
        raise InvalidPolicy(f"{label} has neither 'Resource' nor 'NotResource'; add one")
    principal = _principals(given, label)
    if (principal is None) == (kind == "resource"):
        raise InvalidPolicy(f"{label} has {'no' if principal is None else 'a'} principal; " + _PRINCIPAL[kind])
    conditions = tuple(_conditions(given.get("Condition", {}), label))
    return Statement(label, version, UNKNOWN if UNKNOWN in effect else effect, action, resource, principal, conditions)


_PRINCIPAL = {
    "resource": "add one: it is the policy of a resource",
    "identity": "leave it out: it is the policy of an identity",
}


def _anything(label: str, kind: str) -> Statement:
    principal = Principals((("*", "*"),)) if kind == "resource" else None
    return Statement(label, UNKNOWN, UNKNOWN, Element(("*",)), Element(("*",)), principal, (), unknown=True)


def _read(document: Document, name: str) -> Any:
    if not isinstance(document, str):
        return document
    try:
        return json.loads(document, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise InvalidPolicy(f"{name} is not JSON ({error}); pass a policy document") from None


def _element(given: Mapping[str, Any], name: str, label: str) -> Element | None:
    if name in given and f"Not{name}" in given:
        raise InvalidPolicy(f"{label} has '{name}' and 'Not{name}'; use one of them")
    for key in (name, f"Not{name}"):
        if key in given:
            return Element(_texts(given[key], f"'{key}' of {label}"), key != name)
    return None


def _principals(given: Mapping[str, Any], label: str) -> Principals | None:
    if "Principal" in given and "NotPrincipal" in given:
        raise InvalidPolicy(f"{label} has 'Principal' and 'NotPrincipal'; use one of them")
    for key in ("Principal", "NotPrincipal"):
        if key in given:
            value, where = given[key], f"'{key}' of {label}"
            if isinstance(value, str):
                if value != "*" and UNKNOWN not in value:
                    raise InvalidPolicy(f"{where} is {value!r}; use '*' or an object such as {{'AWS': {value!r}}}")
                return Principals(((value, value),), key != "Principal")
            named = [(kind, each) for kind, names in _object(value, where).items() for each in _texts(names, where)]
            for kind, _ in named:
                if kind not in ("AWS", "CanonicalUser", "Federated", "Service") and UNKNOWN not in kind:
                    raise InvalidPolicy(f"{where} has the type {kind!r}; use 'AWS', 'Service' or 'Federated'")
            return Principals(tuple(named), key != "Principal")
    return None


def _conditions(given: Any, label: str) -> Iterator[Condition]:
    where = f"'Condition' of {label}"
    if isinstance(given, str) and UNKNOWN in given:
        given = {"StringEquals": {UNKNOWN: UNKNOWN}}
    for name, keys in _object(given, where).items():
        for key, wanted in ({UNKNOWN: UNKNOWN} if keys == UNKNOWN else _object(keys, where)).items():
            texts = _texts(wanted, f"{name!r} in {where}")
            try:
                yield condition("StringEquals", UNKNOWN, ()) if UNKNOWN in name else condition(name, key, texts)
            except InvalidPolicy as error:
                raise InvalidPolicy(f"{where}: {error}") from None


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidPolicy(f"{where} is {shown(value)}; use an object")
    for key in value:
        if not isinstance(key, str):
            raise InvalidPolicy(f"{where} has the key {shown(key)}; use texts as keys")
    return value


def _texts(value: Any, where: str) -> Names:
    many: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    return tuple(_text(each, where) for each in many)


def _text(value: Any, where: str) -> str:
    """The value as text. Numbers and booleans are written as in JSON: AWS accepts them as text in conditions."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and (isinstance(value, float) or value.bit_length() < _LONGEST):
        return str(value)
    if not isinstance(value, str):
        raise InvalidPolicy(f"{where} is {shown(value)}; use a text or a list of texts")
    return value
