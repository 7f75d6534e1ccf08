"""The CDK context key that turns off every difference from upstream."""

from ._once import once_for_each
from ._tree import node, path

UPSTREAM_PARITY = "lambda-destinations:upstream-parity"

_WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


@once_for_each
def upstream_parity(construct: object) -> bool:
    """Tell whether the user turned upstream parity on.

    :param construct: the stack when a function is bound, else the resource
    :raises ValueError: for a value that is neither true nor false
    """
    value = node(construct).try_get_context(UPSTREAM_PARITY)
    wanted = False if value in (None, "") else _WORDS.get(str(value).strip().lower().removesuffix(".0"))
    if wanted is None:
        raise ValueError(f"{path(construct)}: the context {UPSTREAM_PARITY} is {value!r}: set it to true or false")
    return wanted
