"""The condition keys of a request: each has a value, is certainly absent, or may be there or not."""

from collections.abc import Mapping
from typing import Literal

Value = str | tuple[str, ...] | None
"""A text; the texts of a multivalued key; `()` if the key is certainly absent; None if it may be there or not."""


class Context:
    """Condition keys, in upper or lower case; `aws:RequestTag/*` stands for all tags that have no entry of their own.

    :param unlisted: what a key without an entry is: "absent", or "unknown" if it is a global key or a key of the called
        service; a key of another service is always absent
    """

    def __init__(self, values: Mapping[str, Value], unlisted: Literal["absent", "unknown"], service: str) -> None:
        self._values = {key.lower(): value for key, value in values.items()}
        self._open = ("aws:", f"{service.lower()}:") if unlisted == "unknown" else ()

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a key, `()` if it is absent, None if it may be there or not."""
        key = key.lower()
        for name in (key, f"{key.partition('/')[0]}/*"):
            if name in self._values:
                value = self._values[name]
                return (value,) if isinstance(value, str) else value
        return None if key.startswith(self._open) and self._open else ()
