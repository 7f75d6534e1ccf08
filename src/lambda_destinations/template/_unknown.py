"""The character that stands for a text that is not known before a deployment."""

from typing import Any

UNKNOWN = "\ue0ff"
"""Stands for any unknown text, also inside a longer text. `policy` has the same character."""


def is_known(value: Any) -> bool:
    """Tell whether a value does not contain UNKNOWN at any depth."""
    if isinstance(value, str):
        return UNKNOWN not in value
    if isinstance(value, dict):
        return all(is_known(key) and is_known(each) for key, each in value.items())
    return all(map(is_known, value)) if isinstance(value, (list, tuple)) else True
