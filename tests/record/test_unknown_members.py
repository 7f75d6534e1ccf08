"""A new member that AWS adds one day changes nothing: the record takes the fast path, and keeps every byte."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from lambda_destinations import InvalidRecord, InvocationRecord
from lambda_destinations.record._document import read_members
from lambda_destinations.record._json import object_at, whole_object
from lambda_destinations.record._layout import read_layout
from lambda_destinations.record._members import CONTEXTS, FIELDS, MEMBERS, Draft

NEW = ['"new"', "12.50", "null", '{"a":[{"b":"}]\\" \\u00e9"}]}', "[]"]


def with_one_more(text: str, member: str) -> Iterator[str]:
    """Give the document with the member at each place: in the document itself, and in each of its contexts."""
    document = whole_object(text)
    objects = [0, *(document[name].start for name in CONTEXTS if name in document)]
    for start in objects:
        ends = [found.end for found in object_at(text, start)[0].values()]
        yield f"{text[: start + 1]}{member}{',' if ends else ''}{text[start + 1 :]}"
        for end in ends:
            yield f"{text[:end]},{member}{text[end:]}"


def values(fields: Draft) -> dict[str, Any]:
    return {name: getattr(fields, name) for name in FIELDS}


@pytest.mark.parametrize("value", NEW)
def test_the_fields_stay_the_same_and_every_byte_is_kept(record_file: Path, value: str) -> None:
    text = record_file.read_text()
    record = InvocationRecord.from_json(text)
    for document in with_one_more(text, f'"newMember":{value}'):
        read = InvocationRecord.from_json(document)
        assert read == record
        assert read.request_payload_json == record.request_payload_json
        assert read.response_payload_json == record.response_payload_json
        assert read.to_json() == document
        assert read.to_dict() == json.loads(document)


@pytest.mark.parametrize("value", NEW)
@pytest.mark.parametrize("spaced", [False, True], ids=["compact", "spaced"])
def test_it_takes_the_fast_path_at_every_place(record_file: Path, value: str, *, spaced: bool) -> None:
    text = record_file.read_text()
    if spaced:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    if read_layout(text) is None:
        pytest.skip("not written as AWS writes it")
    for document in with_one_more(text, f'"newMember": {value}' if spaced else f'"newMember":{value}'):
        found = read_layout(document)
        assert found is not None, document
        assert values(found) == values(read_members(document))


def test_two_of_them_take_the_fast_path_too(failed: str) -> None:
    for document in with_one_more(failed, '"first":1'):
        for both in with_one_more(document, '"second":{}'):
            assert InvocationRecord.from_json(both).to_json() == both
    both = failed.replace('Count":3', 'Count":3,"first":1').replace('"requestPayload":', '"second":2,"requestPayload":')
    assert read_layout(both) is not None


@pytest.mark.parametrize(
    "member",
    [
        '"new":',
        '"new":tru',
        '"new":01',
        '"new":{]',
        '"new":{"a"}',
        '"new":"\\x"',
        '"new":NaN',
        '"new":1_0',
        '"requestId\\":1',
    ],
)
def test_invalid_json_is_refused_at_every_place(failed: str, member: str) -> None:
    for document in with_one_more(failed, member):
        with pytest.raises(InvalidRecord):
            InvocationRecord.from_json(document)


def test_a_member_that_comes_twice_is_refused_at_every_place(failed: str) -> None:
    for document in with_one_more(failed, '"new":1'):
        twice = [each for each in with_one_more(document, '"new":2') if in_one_object(each)]
        assert len(twice) >= 4  # before, between and after the members of one object
        for each in twice:
            with pytest.raises(InvalidRecord, match="got the member twice"):
                InvocationRecord.from_json(each)


def in_one_object(text: str) -> bool:
    found: list[bool] = []
    json.loads(text, object_pairs_hook=lambda pairs: found.append([name for name, _ in pairs].count("new") > 1))
    return any(found)


def test_the_table_has_the_fields_of_the_record_in_their_order() -> None:
    assert [each.name for each in fields(InvocationRecord) if each.name != "_text"] == list(FIELDS)


def test_every_member_of_the_table_is_written_and_read(failed: str) -> None:
    document = json.loads(InvocationRecord.from_dict(json.loads(failed)).to_json())
    for member in MEMBERS:
        assert member.name in (document[member.holder] if member.holder else document)
