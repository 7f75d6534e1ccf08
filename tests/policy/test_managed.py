"""The table of AWS managed policies, compared with the documents in moto."""

import json
from fnmatch import fnmatchcase

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from lambda_destinations.policy import UNKNOWN, Principal, Request, decide
from lambda_destinations.policy._managed import ALLOWED, COVERED

REAL = {
    f"{policy['Path'].strip('/')}/{name}".strip("/"): policy["Document"]
    for name, policy in json.loads(aws_managed_policies_data).items()
}
RESOURCES = {
    "events": "arn:aws:events:us-east-1:123456789012:event-bus/b",
    "kms": "arn:aws:kms:us-east-1:123456789012:key/k",
    "lambda": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "s3": "arn:aws:s3:::b",
    "sns": "arn:aws:sns:us-east-1:123456789012:t",
    "sqs": "arn:aws:sqs:us-east-1:123456789012:q",
}
# The policy of a key that leaves the decision to the role's own policies.
HANDS_ON = {
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": "123456789012"}},
}


def verdict(document, action):
    role = Principal.role("arn:aws:iam::123456789012:role/r", identity=[document])
    resource = RESOURCES[action.split(":")[0]] + ("/x" if action == "s3:PutObject" else "")
    return decide(Request(role, action, resource, unlisted="unknown"), HANDS_ON).verdict.value


@pytest.mark.parametrize("name", ALLOWED)
def test_a_policy_allows_what_its_document_allows(name):
    for action in COVERED:
        for partition in ("aws", "aws-cn", UNKNOWN):
            arn = f"arn:{partition}:iam::aws:policy/{name}"
            assert verdict(arn, action) == verdict(REAL[name], action), action


def test_other_actions_and_other_policies_are_unknown():
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert verdict(basic, "sqs:SendMessage") == "denied"
    assert verdict(basic, "sqs:PurgeQueue") == "unknown"
    assert verdict("arn:aws:iam::aws:policy/AmazonEC2FullAccess", "sqs:SendMessage") == "unknown"
    assert verdict("arn:aws:iam::123456789012:policy/mine", "sqs:SendMessage") == "unknown"
    assert verdict(f"arn:aws:iam::aws:policy/{UNKNOWN}", "sqs:SendMessage") == "unknown"


def test_no_known_policy_denies():
    """The table has allowed actions only; a policy that also denies some would not fit."""
    for name in ALLOWED:
        given = REAL[name]["Statement"]
        for statement in given if isinstance(given, list) else [given]:
            actions = statement.get("Action", [])
            hit = [
                a for a in COVERED for p in ([actions] if isinstance(actions, str) else actions) if fnmatchcase(a, p)
            ]
            assert statement["Effect"] == "Allow" or not hit
