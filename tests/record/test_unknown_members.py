"""A member that AWS adds one day: the rest is read as before, and the record stays as it was written, to the byte."""

import json
from pathlib import Path

import pytest

from lambda_destinations import InvocationRecord

RECORDS = sorted((Path(__file__).parent / "fixtures" / "records").glob("*.json"))
PLACES = {"top": "{", "requestContext": '"requestContext":{', "responseContext": '"responseContext":{'}
NEW = '"addedIn2031":{"a":[1,null]},'
FIELDS = [name for name in InvocationRecord.__dataclass_fields__ if not name.startswith("_")]


def with_a_new_member(text: str, place: str) -> str | None:
    """The record with one more member first in that object, None where it has no such object written so."""
    opening = PLACES[place]
    at = text.find(opening)
    if at < 0 or text[at + len(opening) :].startswith("}"):
        return None
    return text[: at + len(opening)] + NEW + text[at + len(opening) :]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_new_member_changes_nothing_else(path: Path, place: str) -> None:
    text = path.read_text()
    added = with_a_new_member(text, place)
    if added is None:
        pytest.skip("this record has no such object")
    known, read = InvocationRecord.from_json(text), InvocationRecord.from_json(added)
    assert [getattr(read, name) for name in FIELDS] == [getattr(known, name) for name in FIELDS]
    assert read.to_json() == added
    assert read.request_payload_json == known.request_payload_json
    assert read.to_dict() == json.loads(added)
