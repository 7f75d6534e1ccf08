"""Refuse a wrong argument where the user wrote it. jsii would fail later with another message, or not at all."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def require(value: T, *members: str, where: str, wants: str, how: str) -> T:
    """Return `value` if it has all `members`: the methods that its interface has and others do not.

    jsii passes interfaces as proxies of many classes, so that `isinstance` does not work.

    :param where: the class and the parameter, as in `SnsDestination(topic)`
    :param wants: the interface, as in `an aws_sns.ITopic`
    :param how: what to write instead of a name or an ARN
    :raises TypeError: for anything else
    """
    if isinstance(value, type):
        raise TypeError(f"{where} wants {wants}, got the class {value.__name__}: make an instance of it")
    if not all(callable(getattr(value, member, None)) for member in members):
        hint = f": {how}" if isinstance(value, str) else ""
        raise TypeError(f"{where} wants {wants}, got {_describe(value)}{hint}")
    return value


def require_flag(value: bool | None, where: str) -> bool:  # noqa: FBT001  (the value that is checked)
    """Return the flag; None means False.

    :raises TypeError: for anything but a bool or None: the string `"no"` would count as true
    """
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{where} wants True or False, got {_describe(value)}")
    return bool(value)


def _describe(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the string {value!r}"
    return f"a {type(value).__module__}.{type(value).__qualname__}"
