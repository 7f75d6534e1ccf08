"""Values of CloudFormation: texts, `AWS::NoValue` and intrinsic functions."""

from typing import Any

from ..errors import DeployError


class _Nothing:
    """The value of `AWS::NoValue`: a property or an item with this value is removed."""


NOTHING = _Nothing()


def as_text(value: Any) -> str | None:
    """Return the text that CloudFormation makes of a scalar, None for a value that is not a scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def function_of(value: Any) -> str | None:
    """Return the name of the intrinsic function in a value, None for plain JSON."""
    if isinstance(value, dict) and len(value) == 1:
        name = next(iter(value))
        if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
            return str(name)
    return None


def arguments(name: str, value: Any, counts: tuple[int, ...], where: str) -> list[Any]:
    """Return the list of a function's arguments.

    :param counts: how many arguments the function may have
    :raises DeployError: when the value is not a list, or has another number of arguments
    """
    if not isinstance(value, list) or len(value) not in counts:
        wanted = " or ".join(map(str, counts))
        raise DeployError(f"{where}: {name} takes a list of {wanted} values; change the template")
    return value


def join(separator: str, parts: list[Any]) -> Any:
    """Join texts and references. The result is a text if all parts are texts, else the shortest `Fn::Join`."""
    merged: list[Any] = []
    for index, part in enumerate(parts):
        for each in ([separator] if index and separator else []) + [part]:
            if isinstance(each, str) and merged and isinstance(merged[-1], str):
                merged[-1] += each
            elif each != "":
                merged.append(each)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 and isinstance(merged[0], str) else {"Fn::Join": ["", merged]}
