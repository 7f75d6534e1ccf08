"""Policy variables: `${aws:PrincipalAccount}`, `${aws:username, 'nobody'}`, `${*}`."""

import re

from ._answers import UNKNOWN
from ._context import Context
from ._matching import pattern

_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^{}$,']+?)\s*(?:,\s*'([^']*)')?\s*)\}")


def filled(text: str, context: Context, version: str, *, wildcards: bool) -> str | None:
    """The pattern for a policy's text with its variables filled in; None if a variable has no value.

    A value that is not known becomes UNKNOWN. Before version 2012-10-17 there are no variables, only text.
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
    # AWS does not document what several values do, or whether a wildcard in a value is a wildcard.
    if values is None or len(values) != 1 or set(values[0]) & set("*?"):
        return UNKNOWN
    return values[0]
