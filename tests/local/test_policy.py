"""The reader of policies, case by case; AWS's documentation is the judge."""

import pytest

from lambda_destinations.local._flow._policy import allowed

QUEUE = "arn:aws:sqs:us-east-1:1:orders"
RULE = "arn:aws:events:us-east-1:1:rule/r"
ALLOW = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
SERVICE = {"Principal": {"Service": "events.amazonaws.com"}}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ([], False),
        ([ALLOW], True),
        ([ALLOW | {"Action": "SQS:sendmessage"}], True),
        ([ALLOW | {"Action": ["sqs:Get*", "sqs:Send*"]}], True),
        ([ALLOW | {"Action": "*"}], True),
        ([ALLOW | {"Action": "sqs:Send?"}], False),
        ([ALLOW | {"Resource": "*"}], True),
        ([ALLOW | {"Resource": "arn:aws:sqs:*:*:ord?rs"}], True),
        ([ALLOW | {"Resource": "arn:aws:sqs:us-east-1:1:ORDERS"}], False),
        ([ALLOW | {"Resource": "arn.aws.sqs.*"}], False),
        ([{"Effect": "Allow", "NotAction": "sns:*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "*", "NotResource": QUEUE}], False),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:sns:*"}], True),
        ([ALLOW, {"Effect": "Deny", "Action": "*", "Resource": "*"}], False),
        ([{"Effect": "Deny", "Action": "*", "NotResource": QUEUE}, ALLOW], True),
        ([ALLOW | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o"}}}], False),
        ([ALLOW, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a:b": "x"}}}], False),
    ],
)
def test_the_policy_of_a_role(policy, expected):
    """Action and NotAction, Resource and NotResource, Deny over Allow; an unknown condition is never in favour."""
    assert allowed(policy, "sqs:SendMessage", QUEUE) is expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (SERVICE, True),
        ({"Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}}, True),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": "1"}}, False),
        ({}, False),
        (SERVICE | {"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}}, True),
        (SERVICE | {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:*:1:rule/*"}}}, True),
        (SERVICE | {"Condition": {"StringEquals": {"aws:SourceArn": RULE + "x"}}}, False),
        (SERVICE | {"Condition": {"StringEquals": {"aws:SourceArn": "arn:*"}}}, False),
        (SERVICE | {"Condition": {"StringEquals": {"aws:SourceAccount": ["2", "1"]}}}, True),
        (
            SERVICE | {"Condition": {"ArnEquals": {"aws:SourceArn": RULE}, "Bool": {"aws:SecureTransport": "true"}}},
            False,
        ),
    ],
)
def test_the_policy_of_a_resource(statement, expected):
    """The service must be named, and every condition must hold."""
    got = allowed(
        [ALLOW | statement],
        "sqs:SendMessage",
        QUEUE,
        principal="events.amazonaws.com",
        aws_SourceArn=RULE,
        aws_SourceAccount="1",
    )
    assert got is expected
