"""The layout in which AWS writes every record, read in one go: the fast way to what `_document` reads."""

from __future__ import annotations

import re
from datetime import datetime

from ._json import DEEPEST, refuse_depth, scanner
from ._values import read_condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_TIME = r'"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3})Z"'
_PART = r'[^:"\\\x00-\x1f]'
_ARN = rf'"(arn:{_PART}+:lambda:{_PART}*:{_PART}*:function:{_PART}+(?::{_PART}+)?)"'


def _spaced(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(",", ", *").replace('":', '": *'))  # as json.dumps writes it, too


_HEAD = _spaced(
    rf'\{{"version":{_TEXT},"timestamp":{_TIME},"requestContext":\{{"requestId":{_TEXT},'
    rf'"functionArn":{_ARN},"condition":{_TEXT},"approximateInvokeCount":(0|[1-9][0-9]?)\}},"requestPayload":'
)
_MIDDLE = _spaced(
    rf'(?:,"responseContext":\{{"statusCode":([1-9][0-9][0-9])(?:,"executedVersion":{_TEXT})?'
    rf'(?:,"functionError":{_TEXT})?\}})?(?:(,"responsePayload":)|\}}\Z)'
)


def read_layout(text: str) -> tuple[Any, ...] | None:
    """The fields of the record, or None where it is written in any other way, well or badly."""
    head = _HEAD.match(text)
    if head is None:
        return None
    version, timestamp, request_id, function_arn, condition, count = head.groups()
    scan = scanner()
    response = None
    try:
        time = datetime.fromisoformat(timestamp + "+00:00")
        request, end = scan(text, head.end())
        middle = _MIDDLE.match(text, end)
        if middle is None:
            return None
        status, executed_version, function_error, more = middle.groups()
        if more:
            response, end = scan(text, middle.end())
            if text[end:] != "}":
                return None
    except (RecursionError, StopIteration, ValueError):
        return None  # the other way comes to the same mistake, and names it
    if len(text) > 2 * DEEPEST:
        refuse_depth(text, {"requestPayload": request, "responsePayload": response})
    return (
        version,
        time,
        request_id,
        function_arn,
        read_condition(condition),
        int(count),
        request,
        status and int(status),
        executed_version,
        function_error,
        response,
        True,
        bool(more),
    )
