"""What each condition operator compares: one value of the policy with one of the request."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from ._answers import UNKNOWN, Tri
from ._matching import arn_matches, matches

Compare = Callable[[str, str], Tri]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DATE = re.compile(  # the formats of W3C's note on ISO 8601
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)


@dataclass(frozen=True)
class Operator:
    """A comparison. `negative` reverses the answer for all values of the policy together."""

    compare: Compare
    negative: bool = False
    variables: bool = False
    wildcards: bool = False


def _read(parse: Callable[[str], Any], compare: Callable[[Any, Any], bool], *, negative: bool = False) -> Compare:
    """A comparison of the parsed values.

    A value that cannot be parsed does not match. Whether it then meets a negated operator is not documented.
    """

    def compared(wanted: str, got: str) -> Tri:
        if UNKNOWN in wanted or UNKNOWN in got:
            return None
        try:
            return compare(parse(wanted), parse(got))
        except (ValueError, ArithmeticError, TypeError):
            return None if negative else False

    return compared


def _same_text(wanted: str, got: str) -> Tri:
    return wanted == got if UNKNOWN not in wanted + got else matches(wanted, got)


def _same_in_any_case(wanted: str, got: str) -> Tri:
    return _same_text(wanted.lower(), got.lower())


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite():
        raise ValueError(text)
    return number


def _date(text: str) -> Decimal:
    """Seconds since 1970."""
    if re.fullmatch(r"\d{5,}(\.\d+)?", text):
        return Decimal(text)
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    when = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        tzinfo=timezone.utc,
    )
    if zone and zone != "Z":
        away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        when = when - away if zone[0] == "+" else when + away
    return Decimal(int((when - _EPOCH).total_seconds())) + Decimal(f"0.{fraction or 0}")


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(text) from None


def _same_address(wanted: str, got: str) -> bool:
    return ipaddress.ip_address(got) in ipaddress.ip_network(wanted, strict=False)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda wanted, got: got == wanted,
    "lessthan": lambda wanted, got: got < wanted,
    "lessthanequals": lambda wanted, got: got <= wanted,
    "greaterthan": lambda wanted, got: got > wanted,
    "greaterthanequals": lambda wanted, got: got >= wanted,
}


def _all() -> dict[str, Operator]:
    found = {
        "stringequals": Operator(_same_text, variables=True),
        "stringnotequals": Operator(_same_text, negative=True, variables=True),
        "stringequalsignorecase": Operator(_same_in_any_case, variables=True),
        "stringnotequalsignorecase": Operator(_same_in_any_case, negative=True, variables=True),
        "stringlike": Operator(matches, variables=True, wildcards=True),
        "stringnotlike": Operator(matches, negative=True, variables=True, wildcards=True),
        "bool": Operator(_read(_truth, _ORDERS["equals"]), variables=True),
        "binaryequals": Operator(_read(_bytes, _ORDERS["equals"])),
        "ipaddress": Operator(_read(str, _same_address)),
        "notipaddress": Operator(_read(str, _same_address, negative=True), negative=True),
    }
    for name in ("equals", "like"):  # AWS: the two behave identically
        found[f"arn{name}"] = Operator(arn_matches, variables=True, wildcards=True)
        found[f"arnnot{name}"] = Operator(arn_matches, negative=True, variables=True, wildcards=True)
    for kind, parse in (("numeric", _number), ("date", _date)):
        for name, order in _ORDERS.items():
            found[kind + name] = Operator(_read(parse, order))
        found[f"{kind}notequals"] = Operator(_read(parse, _ORDERS["equals"], negative=True), negative=True)
    return found


OPERATORS = _all()
"""The operators by name, in lower case, without `ForAllValues:`, `ForAnyValue:` and `IfExists`; `Null` is not here."""
