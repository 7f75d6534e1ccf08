"""The text that is not known before a deployment."""

from typing import Any

UNKNOWN = "\ue0ff"
"""Stands for any text that is not known, also inside a longer one. `policy` has the same character."""


def is_known(value: Any) -> bool:
    """Tell whether nothing in a value, at any depth, is unknown."""
    if isinstance(value, str):
        return UNKNOWN not in value
    if isinstance(value, dict):
        return all(is_known(key) and is_known(each) for key, each in value.items())
    return all(map(is_known, value)) if isinstance(value, (list, tuple)) else True
