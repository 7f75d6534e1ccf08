"""A fact that is not known never turns an answer into its opposite."""

import copy
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambda_destinations.errors import InvalidPolicy
from lambda_destinations.policy import UNKNOWN, Decision, Principal, Request, Verdict, decide
from lambda_destinations.policy._answers import all_of, any_of, negated
from lambda_destinations.policy._matching import action_matches, arn_matches, matches, pattern, resource_matches
from support.generated_policies import ROLE, SERVICE, USER, Case, cases

FILLINGS = ["", "a", "orders", "*", "x-y", "123456789012"]


def asked(case: Case) -> Decision:
    context = {key: tuple(value) if isinstance(value, list) else value for key, value in case.context.items()}
    who = {
        "role": Principal.role(ROLE, session="run", identity=case.identity, boundary=case.boundary),
        "user": Principal.user(USER, identity=case.identity, boundary=case.boundary),
        "service": Principal.service(SERVICE),
    }[case.kind]
    return decide(Request(who, case.action, case.resource, case.account, context), case.resource_policy)


def hidden(text, dice):
    """The text with a part that is not known; in an ARN, a part between two colons."""
    parts = text.split(":")
    at = dice.randrange(len(parts))
    start = dice.randint(0, len(parts[at]))
    end = dice.randint(start, len(parts[at]))
    parts[at] = parts[at][:start] + UNKNOWN + parts[at][end:]
    return ":".join(parts)


def obscured(value, dice):
    """The document with one place in it that is not known."""
    if isinstance(value, str):
        return hidden(value, dice) if dice.random() < 0.5 else UNKNOWN
    if isinstance(value, list) and value and dice.random() < 0.8:
        at = dice.randrange(len(value))
        return [*value[:at], obscured(value[at], dice), *value[at + 1 :]]
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(list(value))
        return {**value, key: obscured(value[key], dice)}
    return UNKNOWN


def less_known(case, dice):
    """The case without one of its facts."""
    case = copy.deepcopy(case)
    which = dice.choice(["context", "maybe", "resource", "account", "identity", "boundary", "policy"])
    if which in ("context", "maybe") and case.context:
        key = dice.choice(list(case.context))
        value = case.context[key]
        part = obscured(value, dice) if isinstance(value, list) else hidden(str(value), dice)
        # a key that is None stays None: a part of a text would be one fact more
        case.context[key] = None if which == "maybe" or value is None else part
    elif which == "resource":
        case.resource = hidden(case.resource, dice)
    elif which == "account":
        case.account = UNKNOWN
    elif which == "identity" and case.identity:
        at = dice.randrange(len(case.identity))
        case.identity[at] = obscured(case.identity[at], dice)
    elif which == "boundary" and case.boundary:
        case.boundary[0] = obscured(case.boundary[0], dice)
    elif which == "policy" and case.resource_policy:
        case.resource_policy = obscured(case.resource_policy, dice)
    return case


@settings(max_examples=2000, deadline=None)
@given(st.integers(0, 10**9))
@example(71548)  # a principal that may be an asterisk
def test_without_a_fact_the_answer_stays_the_same_or_becomes_unknown(seed):
    dice = random.Random(seed)  # noqa: S311  (nothing secret)
    case = cases(1, seed)[0]
    known = asked(case)
    for _ in range(3):
        case = less_known(case, dice)
        try:
            answer = asked(case)
        except InvalidPolicy:
            return  # an UNKNOWN in a place where none is accepted, such as a part of 'Version'
        assert answer.verdict in (known.verdict, Verdict.UNKNOWN), (known, answer, case)
        known = answer


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10**9))
def test_a_key_that_may_be_there_or_not_makes_the_answer_unknown_if_it_matters(seed):
    """None for a key means: the key with any value, or no key."""
    case = cases(1, seed)[0]
    for key in list(case.context):
        without = copy.deepcopy(case)
        del without.context[key]
        maybe = copy.deepcopy(case)
        maybe.context[key] = None
        answers = {asked(case).verdict, asked(without).verdict}
        answer = asked(maybe).verdict
        assert answer is Verdict.UNKNOWN or answers == {answer}


@settings(max_examples=1000, deadline=None)
@given(st.text("ab:*?", max_size=8), st.text("ab:", max_size=8), st.text("ab:", max_size=4), st.data())
def test_a_certain_match_holds_for_every_text_in_place_of_the_unknown(wanted, text, filling, data):
    at = data.draw(st.integers(0, len(text)))
    answer = matches(pattern(wanted), text[:at] + UNKNOWN + text[at:])
    filled = matches(pattern(wanted), text[:at] + filling + text[at:])
    assert answer is None or answer is filled
    at = data.draw(st.integers(0, len(wanted)))
    answer = matches(pattern(wanted[:at] + UNKNOWN + wanted[at:]), text)
    assert answer is not True
    if answer is False:
        assert matches(pattern(wanted[:at] + filling + wanted[at:]), text) is False


@pytest.mark.parametrize("a", [True, False, None])
@pytest.mark.parametrize("b", [True, False, None])
def test_three_values(a, b):
    """The result is that of every combination of True and False for the None values, if all give the same one."""
    ways_a, ways_b = [[True, False] if each is None else [each] for each in (a, b)]
    for ours, plain in ((any_of, any), (all_of, all)):
        found = {plain([x, y]) for x in ways_a for y in ways_b}
        assert ours([a, b]) is (found.pop() if len(found) == 1 else None)
    assert negated(negated(a)) is a


@pytest.mark.parametrize(
    ("wanted", "arn", "answer"),
    [
        ("arn:aws:sqs:*:1:q", "arn:aws:sqs:us-east-1:1:q", True),
        ("arn:aws:sqs:*", "arn:aws:sqs:us-east-1:1:q", True),
        ("arn:aws:sqs:us-*1:q", "arn:aws:sqs:us-east-1:1:q", None),
        ("arn:aws:lambda:r:1:function:f*", "arn:aws:lambda:r:1:function:f:live", True),
        ("arn:aws:lambda:r:1:function:f", "arn:aws:lambda:r:1:function:f:live", False),
        ("arn:aws:s3:::b/*/x", "arn:aws:s3:::b/a/b/x", True),
        ("*", "arn:aws:s3:::b", True),
        (f"arn:aws:sqs:{UNKNOWN}:1:q", "arn:aws:sqs:us-east-1:1:q", None),
        (f"arn:aws:sqs:{UNKNOWN}:1:q", "arn:aws:sqs:us-east-1:1:p", False),
        ("arn:aws:sqs:*:1:q", f"arn:aws:sqs:{UNKNOWN}:1:q", True),
        ("arn:aws:sqs:us-east-1:1:q", f"arn:aws:sqs:{UNKNOWN}:1:q", None),
        ("arn:aws:sqs:us-east-1:1:q", f"arn:aws:sns:{UNKNOWN}:1:q", False),
        ("arn:aws:sqs:us-east-1:1:q", UNKNOWN, None),
        (f"arn:aws:sqs:{UNKNOWN}:1:q", f"arn:aws:sqs:{UNKNOWN}:1:q", None),
    ],
)
def test_resources(wanted, arn, answer):
    """AWS: a wildcard at the end of its part matches beyond it; for one in the middle this is not documented."""
    assert resource_matches(pattern(wanted), arn) is answer


@pytest.mark.parametrize(
    ("wanted", "arn", "answer"),
    [
        ("arn:aws:sns:*:1:t", "arn:aws:sns:us-east-1:1:t", True),
        ("arn:aws:someservice:*:111122223333:finance/*",
         "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt", False),
        ("arn:aws:events:*:1:rule/*", "arn:aws:events:us-east-1:1:rule/bus/r", True),
        ("arn:aws:events:*:*", "arn:aws:events:us-east-1:1:rule/r", None),
        ("arn:aws:events:us-east-1:1:rule/r", f"arn:aws:events:{UNKNOWN}:{UNKNOWN}:rule/r", None),
        ("arn:aws:events:us-east-1:1:rule/r", f"arn:aws:events:{UNKNOWN}:{UNKNOWN}:rule/s", False),
        ("arn:aws:events:*:*:rule/r", f"arn:aws:events:{UNKNOWN}:{UNKNOWN}:rule/r", True),
        ("arn:aws:events:us-east-1:1:rule/r", UNKNOWN, None),
    ],
)  # fmt: skip
def test_arns_are_compared_part_by_part(wanted, arn, answer):
    """The second case is AWS's own example."""
    assert arn_matches(pattern(wanted), arn) is answer


def test_actions_are_compared_in_upper_or_lower_case():
    assert action_matches("SQS:send*", "sqs:SendMessage")
    assert action_matches("*", "sqs:SendMessage")
    assert action_matches("sqs:Send?", "sqs:SendMessage") is False
    assert action_matches(f"sqs:{UNKNOWN}", "sqs:SendMessage") is None
    assert action_matches(f"sns:{UNKNOWN}", "sqs:SendMessage") is False


def test_a_decision_has_no_truth_value():
    with pytest.raises(TypeError, match="three answers"):
        assert Decision(Verdict.UNKNOWN, "")
