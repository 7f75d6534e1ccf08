"""The values of a template's parameters, with the checks that CloudFormation makes."""

import re
from collections.abc import Mapping
from typing import Any

from ..errors import DeployError
from ._unknown import UNKNOWN
from ._values import as_text

_STORED = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
ASSET = "AssetParameters"
"""CDK v1 starts the names of the parameters for an asset like this."""


class Parameter:
    """A declared parameter.

    :ivar stored: True if the value is the name of a parameter in Parameter Store
    :ivar listed: True if the value is a list
    :ivar text: the given value, or the default; None without both
    """

    def __init__(self, name: str, definition: Any, given: Mapping[str, Any], stack: str) -> None:
        where = f"parameter {name} of stack {stack}"
        if not isinstance(definition, dict) or not isinstance(definition.get("Type"), str):
            raise DeployError(f"{where} has no Type; change the template")
        kind = definition["Type"]
        stored = _STORED.fullmatch(kind)
        self.name, self.stored = name, stored is not None
        inner = stored.group(1) if stored else kind
        self.listed = inner == "CommaDelimitedList" or inner.startswith("List<")
        value = given.get(name, definition.get("Default"))
        if value is None and name.startswith(ASSET):
            # The code is found by the parameter's name. The value only has to look like the name of a bucket.
            value = "unused" if "S3Bucket" in name else "unused||unused"
        self.text: str | None = None
        if value is not None:
            self.text = as_text(value)
            if self.text is None and isinstance(value, list) and self.listed:
                self.text = ",".join(as_text(each) or "" for each in value)
            if self.text is None:
                raise DeployError(f"{where} has a value that is not text: {value!r}; give text")
            if UNKNOWN not in self.text:
                _check(where, inner, definition, self.text, listed=self.listed)

    def value_of(self, text: str) -> Any:
        """Return the text, or the list that it means if the parameter is a list."""
        if not self.listed:
            return text
        return [each.strip() for each in text.split(",")] if text else []


def _check(where: str, kind: str, definition: dict[str, Any], text: str, *, listed: bool) -> None:
    values = [each.strip() for each in text.split(",")] if listed else [text]
    allowed = definition.get("AllowedValues")
    if isinstance(allowed, list):
        texts = [as_text(each) for each in allowed]
        wrong = [each for each in values if each not in texts]
        if wrong:
            raise DeployError(f"{where} is {wrong[0]!r}, which is not one of {', '.join(map(str, texts))}; give one")
    if kind in {"Number", "List<Number>"}:
        for each in values:
            _check_number(where, definition, each)
    if kind == "String":
        _check_text(where, definition, text)


def _check_number(where: str, definition: dict[str, Any], text: str) -> None:
    number = _number(text)
    if number is None:
        raise DeployError(f"{where} is {text!r}, which is not a number; give one")
    low, high = _number(definition.get("MinValue")), _number(definition.get("MaxValue"))
    if (low is not None and number < low) or (high is not None and number > high):
        raise DeployError(f"{where} is {text}, outside of {low} to {high}; give a value between")


def _check_text(where: str, definition: dict[str, Any], text: str) -> None:
    low, high = _number(definition.get("MinLength")), _number(definition.get("MaxLength"))
    if (low is not None and len(text) < low) or (high is not None and len(text) > high):
        raise DeployError(f"{where} has {len(text)} characters, outside of {low} to {high}; give another value")
    pattern = definition.get("AllowedPattern")
    if isinstance(pattern, str):
        try:
            fits = re.fullmatch(pattern, text) is not None
        except re.error:  # a Java pattern that Python cannot compile
            return
        if not fits:
            raise DeployError(f"{where} is {text!r}, which does not match {pattern}; give a value that does")


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
