"""Accounts and regions that a template leaves open. An account that is written in it may be the same or another."""

import re
from dataclasses import replace
from typing import Any

from ..policy import UNKNOWN
from ..template import Resolved

_ARN = re.compile(r"(arn:[^:]*:[^:]*:)([^:]*):([^:]*)(?=:)")
_ACCOUNT = re.compile(r"\d{12}")


def placed(stack: Resolved) -> Resolved:
    """Return a stack with UNKNOWN for every account and region that is not its own, if its own is not given.

    A stack without an environment can be deployed to any account and region. The ones that are written in it cannot be
    compared with the account and the region that are made up here.
    """
    if stack.account_given and stack.region_given:
        return stack
    inside = _Opener(stack)
    return replace(
        stack,
        resources={
            name: replace(each, properties=inside.value(each.properties)) for name, each in stack.resources.items()
        },
        nested={name: placed(each) for name, each in stack.nested.items()},
    )


class _Opener:
    def __init__(self, stack: Resolved) -> None:
        self._region = None if stack.region_given else stack.region
        self._account = None if stack.account_given else stack.account

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {name: self.value(each) for name, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        if _ACCOUNT.fullmatch(text):
            return self._other(text, self._account)
        return _ARN.sub(self._arn, text)

    def _arn(self, found: "re.Match[str]") -> str:
        return f"{found[1]}{self._other(found[2], self._region)}:{self._other(found[3], self._account)}"

    @staticmethod
    def _other(value: str, home: str | None) -> str:
        return value if home is None or value in {"", "*", home, "aws"} else UNKNOWN
