"""Documents that AWS accepts, and documents that it refuses: for these we raise InvalidPolicy and nothing else."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_destinations.errors import InvalidPolicy
from lambda_destinations.policy import UNKNOWN, Key, Principal, Request, decide, may_deliver
from support.generated_policies import QUEUE

ROLE = "arn:aws:iam::123456789012:role/source"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:source"
ALLOW = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}


def ask(identity, resource_policy=None):
    return decide(Request(Principal.role(ROLE, identity=[identity]), "sqs:SendMessage", QUEUE), resource_policy)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "the policy of the role is not JSON"),
        ("[]", "the policy of the role is a list of 0; use an object"),
        ("[" * 100_000, "is not JSON"),
        ("1" * 5000, "is not JSON"),
        ({}, "the policy of the role has no 'Statement'; add one"),
        ({"Statement": [1]}, "statement 1 of the policy of the role is 1; use an object"),
        ({"Version": "2020-01-01", "Statement": []}, "has the version '2020-01-01'; use '2012-10-17'"),
        ({"Statement": [ALLOW | {"Effect": "allow"}]}, "'Effect' of statement 1 of the policy of the role is 'allow'"),
        ({"Statement": [ALLOW, {"Effect": "Allow", "Resource": "*"}]}, "statement 2 .* has neither 'Action' nor"),
        ({"Statement": {"Effect": "Allow", "Action": "*"}}, "has neither 'Resource' nor 'NotResource'; add one"),
        ({"Statement": [ALLOW | {"NotAction": "*"}]}, "has 'Action' and 'NotAction'; use one of them"),
        ({"Statement": [ALLOW | {"Resource": {"Ref": "Q"}}]}, "'Resource' of .* is an object of 1 members"),
        ({"Statement": [ALLOW | {"Resource": [None]}]}, "'Resource' of .* is null"),
        ({"Statement": [ALLOW | {"Sid": "A", "Principal": "*"}]}, "statement 'A' of the policy .* has a principal"),
        ({"Statement": [ALLOW | {"Condition": []}]}, "'Condition' of .* is a list of 0; use an object"),
        ({"Statement": [ALLOW | {"Condition": {"Bool": "x"}}]}, "'Condition' of .* is 'x'; use an object"),
        ({"Statement": [ALLOW | {"Condition": {"Boolean": {"a": "x"}}}]}, "there is no condition operator 'Boolean'"),
        ({"Statement": [ALLOW | {1: 2}]}, "has the key 1; use texts"),
        ({"Statement": [ALLOW | {"Action": 10**5000}]}, "'Action' of .* is a number of 16610 bits"),
    ],
)
def test_a_policy_that_aws_would_refuse_is_refused(document, message):
    with pytest.raises(InvalidPolicy, match=message):
        ask(document)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (ALLOW, "statement 1 of the queue's policy has no principal; add one"),
        (ALLOW | {"Principal": ROLE}, "'Principal' of .* is 'arn:aws:iam::123456789012:role/source'; use '\\*' or"),
        (ALLOW | {"Principal": {"Aws": ROLE}}, "has the type 'Aws'; use 'AWS', 'Service' or 'Federated'"),
        (ALLOW | {"Principal": "*", "NotPrincipal": "*"}, "has 'Principal' and 'NotPrincipal'"),
    ],
)
def test_the_policy_of_a_resource_that_aws_would_refuse_is_refused(statement, message):
    with pytest.raises(InvalidPolicy, match=message):
        ask({"Statement": [ALLOW]}, {"Statement": statement})


def test_text_that_is_not_a_principal_or_a_key_is_refused():
    with pytest.raises(InvalidPolicy, match="'source' is not the ARN of a role; pass one like"):
        Principal.role("source")
    with pytest.raises(InvalidPolicy, match="'orders' is not a key; pass a Key"):
        may_deliver(Principal.role(ROLE), FUNCTION, QUEUE, key="orders")


def test_a_document_may_be_text_and_may_have_one_statement_without_a_list():
    assert ask(json.dumps({"Statement": ALLOW})).allowed
    assert ask({"Statement": (ALLOW,)}).allowed
    assert ask({"Id": "x", "Version": "2012-10-17", "Statement": []}).denied


@pytest.mark.parametrize("part", ["Effect", "Action", "Resource", "Condition"])
def test_any_part_may_be_unknown(part):
    assert ask({"Statement": ALLOW | {part: UNKNOWN}}).unknown
    assert ask({"Statement": ALLOW | {part: UNKNOWN, "Action": "sns:*"}}).denied


@pytest.mark.parametrize(
    "document",
    [
        UNKNOWN,
        {"Statement": UNKNOWN},
        {"Statement": [UNKNOWN]},
        {"Version": UNKNOWN, "Statement": ALLOW | {"Resource": "${aws:userid}"}},
        {"Statement": ALLOW | {"Condition": {UNKNOWN: {"aws:key": "x"}}}},
        {"Statement": ALLOW | {"Condition": {"Bool": UNKNOWN}}},
        {"Statement": ALLOW | {"Condition": {"Bool": {UNKNOWN: "true"}}}},
    ],
)
def test_the_reason_names_the_policy_that_is_not_known(document):
    decision = ask(document)
    assert decision.unknown, decision
    assert "the policy of the role" in decision.reason
    assert not ask({"Statement": ALLOW}, None).unknown


def test_a_certain_deny_decides_and_a_possible_deny_turns_allowed_into_unknown():
    deny = ALLOW | {"Effect": "Deny"}
    may_deny = deny | {"Condition": {"StringEquals": {"aws:key": UNKNOWN}}}
    role = Principal.role(ROLE, identity=[{"Statement": [ALLOW, may_deny]}])
    request = Request(role, "sqs:SendMessage", QUEUE, context={"aws:key": "x"})
    assert decide(request).unknown
    assert decide(request, {"Statement": deny | {"Principal": "*"}}).denied
    assert ask({"Statement": [deny, UNKNOWN]}).denied
    assert ask({"Statement": [ALLOW, UNKNOWN]}).unknown


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "Version Statement Effect Action NotAction Resource NotResource Principal NotPrincipal Condition AWS "
                f"Service Bool Null ForAnyValue:StringLike Sid {UNKNOWN}".split()
            ),
            inner | st.sampled_from(["Allow", "Deny", "2012-10-17", "*", "sqs:*", ROLE]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=500, deadline=None)
@given(JSON, st.booleans())
def test_every_document_gives_a_decision_or_invalid_policy(document, as_text):
    if not as_text and not isinstance(document, (str, dict)):
        return
    given_document = json.dumps(document) if as_text else document
    for ask_with in (
        lambda: ask(given_document),
        lambda: ask({"Statement": ALLOW}, given_document),
        lambda: may_deliver(Principal.role(ROLE), FUNCTION, QUEUE, key=Key(UNKNOWN, given_document)),
    ):
        with contextlib.suppress(InvalidPolicy):
            assert ask_with().reason
