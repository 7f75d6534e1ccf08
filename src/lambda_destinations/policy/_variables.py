"""Policy variables: `${aws:PrincipalAccount}`, `${aws:username, 'nobody'}`, `${*}`."""

import re

from ._answers import UNKNOWN
from ._context import Context
from ._matching import pattern

_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^{}$,']+?)\s*(?:,\s*'([^']*)')?\s*)\}")


def filled(text: str, context: Context, version: str, *, wildcards: bool) -> str | None:
    """The pattern that a policy's text stands for, with UNKNOWN for what is not known of it; None if it has no value.

    Variables exist since version 2012-10-17; before, they are text like any other.
    """
    convert = pattern if wildcards else str
    if "${" not in text or not (version == UNKNOWN or version >= "2012-10-17"):
        return convert(text)
    if version == UNKNOWN:
        return UNKNOWN
    found, end = "", 0
    for each in _VARIABLE.finditer(text):
        value = each[1] if each[1] is not None else _value(each[2], each[3], context)
        if value is None:
            return None
        found += convert(text[end : each.start()]) + value
        end = each.end()
    return found + convert(text[end:])


def _value(key: str, default: str | None, context: Context) -> str | None:
    values = context.values(key)
    if values == ():
        return default
    # Not documented: more than one value, and whether a wildcard in a value is one.
    if values is None or len(values) != 1 or set(values[0]) & set("*?"):
        return UNKNOWN
    return values[0]
