"""Which records are sent, and with which payload."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InvalidExpression, MissingDependency

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ..record import InvocationRecord


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters. Without any, every failure is taken; a success is taken only if `conditions` names it."""

    functions: Collection[str] = ()
    error_types: Collection[str] = ()
    conditions: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    where: Expression | None = None

    def takes(self, record: InvocationRecord) -> bool:
        """Whether the record matches all the filters.

        :raises InvalidExpression: if JMESPath cannot judge this record
        """
        arn = record.function_arn
        names = {record.function_name, f"{record.function_name}:{record.qualifier}", arn}
        names.add(arn.removesuffix(f":{record.qualifier}"))
        return (
            (not self.functions or not names.isdisjoint(self.functions))
            and (not self.error_types or record.error.type in self.error_types)
            and (str(record.condition) in self.conditions if self.conditions else not record.succeeded)
            and (self.since is None or record.timestamp >= self.since)
            and (self.until is None or record.timestamp < self.until)
            and (self.where is None or self.where.is_true(record))
        )


class Expression:
    """A JMESPath expression on a record. Numbers are Python's: a float keeps about 17 digits."""

    def __init__(self, option: str, text: str) -> None:
        try:
            import jmespath
            from jmespath.exceptions import JMESPathError
        except ImportError:
            raise MissingDependency(f"{option} needs jmespath; run: pip install 'lambda-destinations[tools]'") from None
        self._option, self._error = option, JMESPathError
        try:
            self._compiled = jmespath.compile(text)
        except JMESPathError as error:
            raise InvalidExpression(
                f"{option} {text!r} is not a JMESPath expression: {error}; see https://jmespath.org"
            ) from None

    def value(self, record: InvocationRecord) -> Any:
        """What the expression gives.

        :raises InvalidExpression: if it cannot be evaluated on this record
        """
        try:
            return self._compiled.search(record.to_dict())
        except self._error as error:
            said = " ".join(str(error).split())
            raise InvalidExpression(f"{self._option} cannot be evaluated: {said}") from None

    def is_true(self, record: InvocationRecord) -> bool:
        """Whether the value is true, as JMESPath defines it: null, false and what is empty are not, 0 is."""
        value = self.value(record)
        return value is not None and value is not False and value not in ("", [], {})

    def payload(self, record: InvocationRecord) -> str:
        """The value as JSON.

        :raises InvalidExpression: if the value is null, which a typing error gives more often than intent
        """
        value = self.value(record)
        if value is None:
            raise InvalidExpression(f"{self._option} gives null")
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
