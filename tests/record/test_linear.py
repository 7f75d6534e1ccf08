"""Twice the input is at most twice the work, counted in calls; the wall clock is for tests/benchmarks."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from lambda_destinations import InvalidRecord, InvocationRecord, iter_records


def work(read: Callable[[], object]) -> int:
    """The number of calls, of Python functions and of C functions, that reading takes."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        with suppress(InvalidRecord):
            read()
    finally:
        sys.setprofile(None)
    return calls


RECORD = (
    '{"version":"1.0","timestamp":"2026-09-14T15:23:02.161Z","requestContext":{"requestId":"r","functionArn":'
    '"arn:aws:lambda:eu-west-1:1:function:f","condition":"Success","approximateInvokeCount":1},"requestPayload":%s}'
)
SURROGATES = r"\ud83d\ude00"
GROWING: dict[str, Callable[[int], object]] = {
    "a long list": lambda n: RECORD % f"[{','.join('1' * n)}]",
    "many small objects": lambda n: RECORD % f"[{','.join(['{}'] * n)}]",
    "deep nesting": lambda n: RECORD % ("[" * n),
    "deep objects": lambda n: RECORD % ('{"a":' * n),
    "white space": lambda n: RECORD % (" " * n + "1"),
    "escaped surrogates": lambda n: RECORD % f'"{SURROGATES * n}"',
    "unknown members": lambda n: RECORD[:-1] % 1 + "".join(f',"m{i}":{i}' for i in range(n)) + "}",
    "the same member over and over": lambda n: RECORD[:-1] % 1 + ',"requestPayload":1' * n + "}",
    "a number without end": lambda n: RECORD % ("9" * n),
    "a name without end": lambda n: RECORD[:-1] % 1 + f',"{"n" * n}":1' + "}",
    "backslashes": lambda n: RECORD % f'"{chr(92) * 2 * n}"',
    "a batch": lambda n: {"Records": [{"eventSource": "aws:sqs", "body": RECORD % 1}] * n},
    "a bad batch": lambda n: {"Records": [{"eventSource": "aws:sqs", "body": "{"}] * n},
    "notifications in each other": lambda n: '{"Type":"Notification","Message":"' * n,
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
def test_twice_the_input_is_at_most_twice_the_work(grow: Callable[[int], object]) -> None:
    small, large = grow(2_000), grow(4_000)
    list(iter_records(grow(1)))  # the first record with an unknown member compiles patterns, once
    assert work(lambda: list(iter_records(large))) <= 2 * work(lambda: list(iter_records(small))) + 50


def test_a_megabyte_takes_no_more_calls_than_a_kilobyte() -> None:
    """The work that grows with the payload is done in C: the number of calls does not depend on the payload."""
    small, large = (RECORD % f'["{"x" * n}",{",".join("1" * n)}]' for n in (300, 300_000))
    assert work(lambda: InvocationRecord.from_json(large)) <= work(lambda: InvocationRecord.from_json(small)) + 10
