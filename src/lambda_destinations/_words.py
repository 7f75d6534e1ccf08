"""Short descriptions of values, for error messages."""

import json

_LENGTH = 80  # characters


def shown(value: object) -> str:
    """The value as JSON if it is short, else its kind and its size."""
    if isinstance(value, dict):
        return f"an object of {len(value)} members"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int) and value.bit_length() > _LENGTH:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, str):
        return repr(shortened(value))
    if value is None or isinstance(value, (int, float)):
        return json.dumps(value)
    return f"a {type(value).__name__}"


def shortened(text: str) -> str:
    """The text, cut if it is longer than 80 characters."""
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 3]}..."
