"""For a document that is not a record, the error has the path, what was there and what was wanted."""

# ruff: noqa: E501, RUF001  (a line of a table is a case, and some digits in it are not ASCII)

import json
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_destinations import InvalidRecord, InvocationRecord, LambdaDestinationsError, iter_records, records_in
from lambda_destinations.record._document import read_members
from lambda_destinations.record._json import DEEPEST
from lambda_destinations.record._layout import read_layout
from lambda_destinations.record._members import FIELDS


def refused(document: Any) -> InvalidRecord:
    with pytest.raises(InvalidRecord) as caught:
        InvocationRecord.from_json(document)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "path", "got", "wanted"),
    [
        ('"version":"1.0",', "", "version", "nothing", "a string"),
        ('"version":"1.0"', '"version":1.0', "version", "1.0", "a string"),
        ("2026-09-14T15:23:02.161Z", "yesterday", "timestamp", "'yesterday'", "a time such as 2026-09-14T15:23:02.161Z"),
        ("2026-09-14T15:23:02.161Z", "2026-02-30T15:23:02.161Z", "timestamp", "'2026-02-30T15:23:02.161Z'", "a time"),
        ("2026-09-14T15:23:02.161Z", "0001-01-01T00:00:00+09:00", "timestamp", "'0001-01-01T00:00:00+09:00'", "a time"),
        ("2026-09-14T15:23:02.161Z", "２０２６-09-14T15:23:02.161Z", "timestamp", "'２０２６-09-14", "a time"),
        ('"requestContext":{', '"requestContext":[],"x":{', "requestContext", "a list of 0", "an object"),
        ('"requestContext":', '"context":', "requestContext", "nothing", "an object"),
        ('"requestId":', '"id":', "requestContext.requestId", "nothing", "a string"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST", "orders", "requestContext.functionArn", "'orders'", "ARN"),
        ('"RetriesExhausted"', "null", "requestContext.condition", "null", "a string"),
        ('Count":3', 'Count":-3', "requestContext.approximateInvokeCount", "-3", "not negative"),
        ('Count":3', 'Count":3.0', "requestContext.approximateInvokeCount", "3.0", "a whole number"),
        ('Count":3', 'Count":true', "requestContext.approximateInvokeCount", "true", "a whole number"),
        ('Count":3', f'Count":-{"9" * 99}', "requestContext.approximateInvokeCount", "a number of 329 bits", "a whole number"),
        ('Code":200', 'Code":"200"', "responseContext.statusCode", "'200'", "a whole number"),
        ('{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}', "null", "responseContext", "null", "an object"),
        ('"executedVersion":"$LATEST"', '"executedVersion":{}', "responseContext.executedVersion", "an object of 0", "a string"),
        ('"functionError":"Unhandled"', '"functionError":null', "responseContext.functionError", "null", "a string"),
        ('"requestPayload":', '"version":"1.0","requestPayload":', "version", "the member twice", "the member once"),
        ('"requestId":', '"requestId":"x","requestId":', "requestContext.requestId", "the member twice", "the member once"),
        ('"statusCode":', '"status\\u0043ode":1,"statusCode":', "responseContext.statusCode", "the member twice", "the member once"),
        ('"lines":2', '"lines":NaN', "requestPayload", "NaN", "a JSON number"),
        ('"lines":2', '"lines":-Infinity', "requestPayload", "-Infinity", "a JSON number"),
        ('"lines":2', '"lines":02', "requestPayload", "invalid JSON at character", "JSON"),
        ('"lines":2', f'"lines":{"9" * 1_000_000}', "requestPayload", "more than 4300 digits", "one that Python reads"),
        ('"lines":2', f'"lines":-{"[" * 100_000}', "requestPayload", "invalid JSON at character", "JSON"),
        ("o-17", "o\n17", "requestPayload", "invalid JSON at character", "invalid control character"),
        ("o-17", "o\\x17", "requestPayload", "invalid JSON at character", "invalid \\escape"),
        ("o-17", "\\ud800", "", "the lone surrogate \\ud800", "whole characters"),
        ("o-17", "\\udc00\\ud800", "", "the lone surrogate \\udc00", "whole characters"),
        ("o-17", "\\\\\\uDFff", "", "the lone surrogate \\uDFff", "whole characters"),
        ("o-17", "\ud800", "", "the lone surrogate \\ud800", "whole characters"),
        ('"version"', "version", "", "invalid JSON at character 1", "the name of a member"),
        ('"version":', '"version"', "version", "invalid JSON at character 10", "a colon"),
        ('"1.0",', '"1.0"', "version", "invalid JSON at character 16", "a comma or a closing brace"),
        ('"1.0",', ",", "version", "invalid JSON at character 11", "a value"),
    ],
)  # fmt: skip
def test_the_error_names_the_mistake(failed: str, old: str, new: str, path: str, got: str, wanted: str) -> None:  # noqa: PLR0917  (the columns)
    assert old in failed
    error = refused(failed.replace(old, new, 1))
    assert error.path == path
    assert got in error.got
    assert wanted in error.wanted
    assert len(str(error)) < 300
    assert error.args == (error.path, error.got, error.wanted)


@pytest.mark.parametrize(
    ("document", "got"),
    [
        ("", "invalid JSON at character 0"),
        (b"", "invalid JSON at character 0"),
        ("[]", "a list of 0"),
        ('"text"', "'text'"),
        ("null", "null"),
        ("{}", "an object with no member"),
        ("{} {}", "more text at character 3"),
        ("{}\x00", "more text at character 2"),
        (" { } ", "an object with no member"),
        ("\ufeff{}", "a byte order mark"),
        (b"\xef\xbb\xbf{}", "a byte order mark"),
        (b"\xff\xfe{\x00}\x00", "invalid UTF-8 at byte 0"),
        (b'{"\xed\xa0\x80":1}', "invalid UTF-8 at byte 2"),
        ("{}".encode("utf-16"), "invalid UTF-8 at byte 0"),
        (None, "null"),
        (3, "3"),
        ({}, "an object of 0 members"),
        (object(), "a object"),
    ],
)
def test_a_document_that_is_not_an_object_in_utf8_is_refused(document: Any, got: str) -> None:
    assert refused(document).got == got


@pytest.mark.parametrize("document", [None, 3, [], "{}", {1: 2}, {"a": {1, 2}}, {"a": float("nan")}, {"\ud800": 1}])
def test_a_dict_is_checked_as_strictly_as_json(document: Any) -> None:
    with pytest.raises(InvalidRecord):
        InvocationRecord.from_dict(document)


def test_an_error_prints_as_one_sentence(failed: str) -> None:
    error = refused(failed.replace('Count":3', 'Count":"3"'))
    assert str(error) == (
        "got '3' in 'requestContext.approximateInvokeCount', wanted a whole number that is not negative"
    )
    assert isinstance(error, ValueError)
    assert isinstance(error, LambdaDestinationsError)


def test_escaped_backslashes_before_a_u_are_not_surrogates(failed: str) -> None:
    text = failed.replace("o-17", r"\\ud800 \\\\udc00 \ud83d\ude00")
    assert InvocationRecord.from_json(text).request_payload["orderId"] == r"\ud800 \\udc00 😀"


@pytest.mark.parametrize("opening", ["[", '{"a":', '[1,{"]":'])
def test_nesting_has_its_own_limit(failed: str, opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}[c] for c in reversed(opening) if c in "[{")

    def nested(levels: int) -> str:
        times = levels // len(closing)
        return failed.replace('"lines":2', f'"lines":{opening * times}1{closing * times}')

    assert "nesting" in refused(nested(DEEPEST + 1)).got
    assert refused(nested(DEEPEST + 1)).path == "requestPayload"
    assert "nesting" in refused(nested(100_000)).got
    assert refused(nested(100_000)).path == "requestPayload"
    assert InvocationRecord.from_json(nested(300)).to_json() == nested(300)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12 Python's own stack is too short")
def test_nesting_up_to_the_limit_is_read(failed: str) -> None:
    brackets = "[" * (DEEPEST - 1)
    text = failed.replace('"lines":2', f'"lines":{brackets}"{"[" * 5000}"{"]" * (DEEPEST - 1)}')
    assert InvocationRecord.from_json(text).to_json() == text


@pytest.mark.parametrize("read", [InvocationRecord.from_json, records_in, lambda text: list(iter_records(text))])
def test_no_recursion_error_is_raised_however_little_stack_is_left(failed: str, read: Callable[[str], object]) -> None:
    deep = failed.replace('"lines":2', f'"lines":{"[" * 100_000}')

    def with_frames(left: int) -> None:
        def descend(more: int) -> None:
            if more:
                descend(more - 1)
                return
            for document in (failed, deep):
                try:  # noqa: SIM105  (`suppress` needs one frame more than is left)
                    read(document)
                except InvalidRecord:
                    pass

        depth = 0
        frame = sys._getframe()
        while frame is not None:
            depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]
        descend(sys.getrecursionlimit() - depth - left)

    for left in range(12, 60):  # fewer frames are not enough for the call itself
        with_frames(left)


def test_numbers_stay_limited_when_pythons_own_limit_is_off(failed: str) -> None:
    if not hasattr(sys, "set_int_max_str_digits"):
        pytest.skip("this Python has no limit for numbers")
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        assert refused(failed.replace('"lines":2', f'"lines":{"9" * 1_000_000}')).got == "a number of 1000000 digits"
        text = failed.replace('"lines":2', f'"lines":{"9" * 4300}')
        assert InvocationRecord.from_json(text).to_json() == text
    finally:
        sys.set_int_max_str_digits(before)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(request=JSON, response=JSON, separators=st.sampled_from([None, (",", ":")]), escaped=st.booleans())
def test_every_payload_is_read_and_written_unchanged(
    failed_document: dict[str, Any], request: Any, response: Any, separators: tuple[str, str] | None, escaped: Any
) -> None:
    document = failed_document | {"requestPayload": request, "responsePayload": response}
    text = json.dumps(document, ensure_ascii=escaped, separators=separators)
    record = InvocationRecord.from_json(text)
    assert (record.request_payload, record.response_payload) == (request, response)
    assert record.to_json() == text
    assert InvocationRecord.from_dict(record.to_dict()) == record


@settings(max_examples=200, deadline=None)
@given(document=JSON | st.binary() | st.text(st.characters()))
def test_every_document_gives_a_record_or_invalid_record(document: Any) -> None:
    for read in (InvocationRecord.from_json, InvocationRecord.from_dict, records_in):
        with suppress(InvalidRecord):
            read(document)  # type: ignore[operator]
    for arrival in iter_records(document):
        assert (arrival.record is None) != (arrival.error is None)


@pytest.fixture(scope="session")
def failed_document() -> dict[str, Any]:
    file = Path(__file__).parent / "fixtures" / "records" / "retries_exhausted.json"
    return dict(json.loads(file.read_text()))


TOKENS = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\ud800", b"\\u0041", b"null", b"true", b"-1", b"1e999"]
TOKENS += [b',"new":1', b'"new":[{"a":"}"}],', b',"requestId":"x"']
TOKENS += [b"NaN", b"0", b"9" * 5000, b"[" * 2000, b"\x00", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b" ", b"\n"]


def mutated(random_: random.Random, document: bytes, others: list[bytes]) -> bytes:
    at, end = sorted(random_.randrange(len(document) + 1) for _ in range(2))
    kind = random_.randrange(6)
    if kind == 0:
        return document[:at] + random_.choice(TOKENS) + document[at:]
    if kind == 1:
        return document[:at] + random_.choice(TOKENS) + document[at + 1 :]
    if kind == 2:
        return document[:at] + document[at + random_.randrange(1, 9) :]
    if kind == 3:
        return document[:at] + document[at:end] * 2 + document[end:]
    if kind == 4:
        return document[:at] + random_.choice(others)[at:]
    return document[:at] + bytes([random_.randrange(256)]) + document[at + 1 :]


def values(fields: Any) -> list[Any]:
    return [getattr(fields, name) for name in FIELDS]


def record_or_none(document: bytes) -> InvocationRecord | None:
    try:
        return InvocationRecord.from_json(document)
    except InvalidRecord:
        return None


def event_or_none(document: bytes) -> Any:
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def test_a_hundred_thousand_mutations_of_real_documents_are_read_or_refused(fixtures: Path) -> None:
    """Only InvalidRecord is raised, a record that is read keeps every byte, and the fast and the slow path agree."""
    random_ = random.Random(2026)  # noqa: S311  (the same documents on every run)
    documents = [file.read_bytes() for file in sorted(fixtures.glob("*/*.json"))]
    read = quick = 0
    for turn in range(100_000):
        document = mutated(random_, documents[turn % len(documents)], documents)
        for _ in range(random_.randrange(3)):
            document = mutated(random_, document, documents)
        record = record_or_none(document)
        if record is not None:
            read += 1
            text = document.decode()
            assert record.to_json() == text
            fields = read_layout(text)
            quick += fields is not None
            assert fields is None or values(fields) == values(read_members(text))
    assert read > 5_000  # else the mutations are too unlike records
    assert quick > 2_500


def test_ten_thousand_mutations_of_events_lose_no_message_in_silence(fixtures: Path) -> None:
    random_ = random.Random(1122)  # noqa: S311  (the same documents on every run)
    documents = [file.read_bytes() for file in sorted(fixtures.glob("events/*.json"))]
    read = 0
    for turn in range(10_000):
        event = event_or_none(mutated(random_, documents[turn % len(documents)], documents))
        arrivals = list(iter_records(event))
        read += event is not None
        assert all((arrival.record is None) != (arrival.error is None) for arrival in arrivals)
        if isinstance(event, dict) and isinstance(event.get("Records"), list):
            assert len(arrivals) == len(event["Records"])
    assert read > 1_000
