"""The input that a rule gives to its targets, compared with recordings and the documentation of AWS."""

import json

import pytest

from lambda_destinations.local._arn import Arn
from lambda_destinations.local._flow._inputs import Unclear, target_input

RULE = Arn.parse("arn:aws:events:us-east-1:000000000000:rule/results/orders")
EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "d",
    "source": "lambda",
    "account": "000000000000",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": ["bus", "function"],
    "detail": {"text": "a b", "number": 1.5, "list": ["x", 2], "object": {"k": "v"}, "null": None, "yes": True},
}


def transformed(template, **paths):
    return target_input({"InputTransformer": {"InputTemplate": template, "InputPathsMap": paths}}, EVENT, RULE)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"a":  1}'}, {"a": 1}),
        ({"InputPath": "$"}, EVENT),
        ({"InputPath": "$.detail"}, EVENT["detail"]),
        ({"InputPath": "$.detail-type"}, "d"),
        ({"InputPath": "$.resources[1]"}, "function"),
        ({"InputPath": "$['detail']['list'][0]"}, "x"),
        ({"InputPath": "$.detail.null"}, None),
    ],
)
def test_a_target_gets_the_event_a_constant_or_a_part(target, expected):
    """As JSON; a null stays a null."""
    assert json.loads(target_input(target, EVENT, RULE)) == expected


@pytest.mark.parametrize(
    ("template", "paths", "expected"),
    [
        ('{"a": <x>}', {"x": "$.detail.text"}, '{"a": "a b"}'),
        ('{"a": "<x>"}', {"x": "$.detail.text"}, '{"a": "a b"}'),
        ('{"a": "n <x>!"}', {"x": "$.detail.number"}, '{"a": "n 1.5!"}'),
        ('{"a": <x>}', {"x": "$.detail.object"}, '{"a": {"k":"v"}}'),
        ('{"a": <x>}', {"x": "$.detail.list"}, '{"a": ["x",2]}'),
        ('{"a": <x>}', {"x": "$.detail.nothing"}, '{"a": ""}'),
        ('"got <x> and <y>"', {"x": "$.detail.text", "y": "$.detail.list"}, '"got a b and [x,2]"'),
        ('"<aws.events.rule-arn> <aws.events.rule-name>"', {}, f'"{RULE} orders"'),
    ],
)
def test_a_template_is_filled(template, paths, expected):
    """A string gets quotes if it is a JSON value of its own, and no quotes inside of another string."""
    assert transformed(template, **paths) == expected


def test_the_event_of_a_template_has_no_detail_and_a_camel_case_type():
    """`<aws.events.event.json>` has the whole event."""
    got = json.loads(transformed('{"a": <aws.events.event>, "b": <aws.events.event.json>}'))
    assert got["a"] == {("detailType" if k == "detail-type" else k): v for k, v in EVENT.items() if k != "detail"}
    assert got["b"] == EVENT


@pytest.mark.parametrize("path", ["$.detail.object", "$.detail.list"])
def test_an_object_or_a_list_in_quotes_is_never_delivered(path):
    """Without quotes it is delivered."""
    assert transformed('{"a": "<x>"}', x=path).finding.code == "bad-input"
    assert isinstance(transformed('{"a": <x>}', x=path), str)


def test_the_input_for_a_path_that_the_event_does_not_have_is_unknown():
    """AWS does not document what is sent then."""
    got = target_input({"InputPath": "$.detail.nothing"}, EVENT, RULE)
    assert isinstance(got, Unclear)
    assert not got.known
