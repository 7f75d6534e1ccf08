"""Event patterns have three answers. Where everything is known, the answer is that of moto's matcher."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.events.models import EventPattern

from lambda_destinations.policy import UNKNOWN
from lambda_destinations.template._matching import ANYTHING, AnyTextBut, matches

TEXTS = st.sampled_from(["", "a", "b", "ab", "aB", "a*b", "abc", "lambda", "aws.lambda"])
SCALARS = TEXTS | st.sampled_from([0, 1, 2.5, True, False, None])
LEAVES = st.one_of(
    SCALARS,
    st.builds(lambda text: {"prefix": text}, TEXTS.filter(bool)),
    st.builds(lambda text: {"suffix": text}, TEXTS.filter(bool)),
    st.builds(lambda text: {"equals-ignore-case": text}, TEXTS),
    st.builds(lambda flag: {"exists": flag}, st.booleans()),
    st.builds(lambda values: {"anything-but": values}, st.lists(TEXTS, min_size=1, max_size=2)),
    st.builds(lambda limit, op: {"numeric": [op, limit]}, st.integers(0, 3), st.sampled_from(["<", ">", "=", ">="])),
)
NAMES = st.sampled_from(["source", "detail", "x"])
PATTERNS = st.recursive(
    st.dictionaries(NAMES, st.lists(LEAVES, min_size=1, max_size=2), min_size=1, max_size=2),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=2),
    max_leaves=4,
)
EVENTS = st.recursive(
    st.dictionaries(NAMES, SCALARS | st.lists(TEXTS, min_size=1, max_size=2), min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner | SCALARS, min_size=1, max_size=3),  # moto reads {} as a leaf
    max_leaves=4,
)


@given(PATTERNS, EVENTS)
def test_the_answer_is_that_of_moto_if_everything_is_known(pattern, event):
    assert matches(pattern, event) == EventPattern.load(json.dumps(pattern)).matches_event(event)


@given(PATTERNS, EVENTS, st.sampled_from(["source", "detail", "x"]), st.sampled_from([ANYTHING, UNKNOWN]))
def test_an_unknown_member_never_turns_a_match_into_a_mismatch(pattern, event, name, unknown):
    if unknown is UNKNOWN and not isinstance(event.get(name), str):
        return
    assert matches(pattern, event | {name: unknown}) in {None, matches(pattern, event)}


@pytest.mark.parametrize(
    ("pattern", "event", "answer"),
    [
        ({"source": ["lambda"]}, {"source": "lambda"}, True),
        ({"source": [UNKNOWN]}, {"source": "lambda"}, None),
        ({"source": [f"aws.{UNKNOWN}"]}, {"source": "lambda"}, False),
        ({"source": [{"prefix": "lam"}]}, {"source": f"lambda{UNKNOWN}"}, True),
        ({"source": [{"prefix": "aws"}]}, {"source": f"lambda{UNKNOWN}"}, False),
        ({"source": [{"suffix": "x"}]}, {"source": f"lambda{UNKNOWN}"}, None),
        ({"source": [{"wildcard": "l*a"}]}, {"source": "lambda"}, True),
        ({"source": [{"wildcard": r"l\*a"}]}, {"source": "lambda"}, False),
        ({"source": [{"wildcard": r"l\*a"}]}, {"source": "l*a"}, True),
        ({"source": [{"anything-but": {"prefix": "aws."}}]}, {"source": "lambda"}, True),
        ({"source": [{"anything-but": {"prefix": "aws."}}]}, {"source": "aws.lambda"}, False),
        ({"source": [{"prefix": {"equals-ignore-case": "LAM"}}]}, {"source": "lambda"}, True),
        ({"condition": ["Success"]}, {"condition": AnyTextBut(frozenset({"Success"}))}, False),
        ({"condition": ["Other"]}, {"condition": AnyTextBut(frozenset({"Success"}))}, None),
        ({"detail": {"responsePayload": {"a": [1]}}}, {"detail": {"responsePayload": ANYTHING}}, None),
        ({"detail": {"responsePayload": {"a": [{"exists": False}]}}}, {"detail": {"responsePayload": ANYTHING}}, None),
        ({"detail": {"nothing": [{"exists": False}]}}, {"detail": {}}, True),
        ({"detail": {"nothing": ["x"]}}, {"detail": {}}, False),
        ({"$or": [{"source": ["x"]}, {"source": ["lambda"]}]}, {"source": "lambda"}, True),
        ({"$or": [{"source": ["x"]}, {"source": [UNKNOWN]}]}, {"source": "lambda"}, None),
        ({"resources": ["b"]}, {"resources": ["a", "b"]}, True),
        ({"resources": [{"wildcard": "*:live"}]}, {"resources": ["a", f"fn:{UNKNOWN}"]}, None),
        ({"ip": [{"cidr": "10.0.0.0/8"}]}, {"ip": "10.1.2.3"}, True),
        ({"ip": [{"cidr": "10.0.0.0/8"}]}, {"ip": "11.1.2.3"}, False),
        ({"source": [{"no-such-operator": 1}]}, {"source": "lambda"}, None),
        (UNKNOWN, {"source": "lambda"}, None),
    ],
)
def test_the_answer_is(pattern, event, answer):
    assert matches(pattern, event) is answer
