"""Every condition operator, with keys that are there, absent, or not known; AWS's documentation decides."""

import pytest

from lambda_destinations.errors import InvalidPolicy
from lambda_destinations.policy import UNKNOWN, Principal, Request, decide
from lambda_destinations.policy._operators import OPERATORS
from support.generated_policies import QUEUE

ROLE = "arn:aws:iam::123456789012:role/source"
RULE = "arn:aws:events:us-east-1:123456789012:rule/r"

MET = [
    ("StringEquals", "orders", "orders"),
    ("StringEqualsIgnoreCase", "ORDERS", "orders"),
    ("StringNotEquals", "Orders", "orders"),
    ("StringNotEqualsIgnoreCase", "order", "orders"),
    ("StringLike", "o*r?", "orders"),
    ("StringNotLike", "O*", "orders"),
    ("NumericEquals", "10", "10.0"),
    ("NumericNotEquals", "10", "11"),
    ("NumericLessThan", "10", "9.5"),
    ("NumericLessThanEquals", "10", "10"),
    ("NumericGreaterThan", "-1", "0"),
    ("NumericGreaterThanEquals", 0, "0"),
    ("DateEquals", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00+01:00"),
    ("DateNotEquals", "2026-11-24", "2026-11-25"),
    ("DateLessThan", "2026-11-24T09:00:00.5Z", "2026-11-24T09:00:00.25Z"),
    ("DateLessThanEquals", "2026-11", "2026-11-01T00:00Z"),
    ("DateGreaterThan", "2026", "1780000000"),
    ("DateGreaterThanEquals", "1780000000", "2026-05-28T20:26:40Z"),
    ("Bool", True, "true"),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA=="),
    ("IpAddress", "203.0.113.0/24", "203.0.113.7"),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1"),
    ("NotIpAddress", "203.0.113.0/24", "203.0.114.7"),
    ("ArnEquals", "arn:aws:events:*:123456789012:rule/*", RULE),
    ("ArnLike", "arn:aws:events:us-east-?:123456789012:rule/r", RULE),
    ("ArnNotEquals", "arn:aws:sns:*:*:*", RULE),
    ("ArnNotLike", "arn:aws:events:us-east-1:999999999999:rule/*", RULE),
]
NOT_MET = [
    ("StringEquals", "o*", "orders"),
    ("StringEqualsIgnoreCase", "o*", "orders"),
    ("StringNotEquals", "orders", "orders"),
    ("StringNotEqualsIgnoreCase", "ORDERS", "orders"),
    ("StringLike", "O*", "orders"),
    ("StringNotLike", "o*", "orders"),
    ("NumericEquals", "10", "ten"),
    ("NumericNotEquals", "10", "1e1"),
    ("NumericLessThan", "10", "10"),
    ("NumericLessThanEquals", "10", "10.01"),
    ("NumericGreaterThan", "0", "0"),
    ("NumericGreaterThanEquals", "0", "-0.1"),
    ("DateEquals", "2026-11-24", "2026-11-24T00:00:01Z"),
    ("DateNotEquals", "2026-11-24", "2026-11-24T00:00:00Z"),
    ("DateLessThan", "2026-11-24", "2026-11-24"),
    ("DateLessThanEquals", "2026-11-24", "yesterday"),
    ("DateGreaterThan", "2027", "2026-12-31"),
    ("DateGreaterThanEquals", "2026-13-01", "2026-12-31"),
    ("Bool", "true", "false"),
    ("BinaryEquals", "b3JkZXJz", "b3Jk"),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7"),
    ("NotIpAddress", "203.0.113.7", "203.0.113.7"),
    ("ArnEquals", "arn:aws:events:*:123456789012:rule", RULE),
    ("ArnLike", RULE.upper(), RULE),
    ("ArnNotEquals", RULE, RULE),
    ("ArnNotLike", "arn:aws:events:*:*:rule/*", RULE),
]
NEGATIVE = {name for name, operator in OPERATORS.items() if operator.negative}


def verdict(conditions, unlisted="absent", version="2012-10-17", resource=QUEUE, **context):
    """The verdict on a request that one statement allows under these conditions."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": resource, "Condition": conditions}
    role = Principal.role(ROLE, session="run", identity=[{"Version": version, "Statement": [statement]}])
    keys = {name.replace("_", ":"): value for name, value in context.items()}
    return decide(Request(role, "sqs:SendMessage", QUEUE, context=keys, unlisted=unlisted)).verdict.value


@pytest.mark.parametrize(("operator", "wanted", "got"), MET)
def test_an_operator_is_met(operator, wanted, got):
    assert verdict({operator: {"aws:key": wanted}}, aws_Key=got) == "allowed"
    assert verdict({operator.lower(): {"AWS:KEY": [wanted]}}, aws_Key=got) == "allowed"


@pytest.mark.parametrize(("operator", "wanted", "got"), NOT_MET)
def test_an_operator_is_not_met(operator, wanted, got):
    assert verdict({operator: {"aws:key": wanted}}, aws_Key=got) == "denied"
    assert verdict({f"{operator}IfExists": {"aws:key": wanted}}, aws_Key=got) == "denied"


def test_every_operator_has_its_cases():
    for cases in (MET, NOT_MET):
        assert {operator.lower() for operator, _, _ in cases} == set(OPERATORS)


@pytest.mark.parametrize(("operator", "wanted", "got"), MET)
def test_a_key_that_is_absent_meets_negated_operators_and_if_exists(operator, wanted, got):
    expected = "allowed" if operator.lower() in NEGATIVE else "denied"
    assert verdict({operator: {"aws:key": wanted}}) == expected
    assert verdict({operator: {"aws:key": wanted}}, aws_key=()) == expected
    assert verdict({f"{operator}IfExists": {"aws:key": wanted}}) == "allowed"
    assert verdict({f"ForAllValues:{operator}": {"aws:key": wanted}}) == "allowed"
    assert verdict({f"ForAnyValue:{operator}": {"aws:key": wanted}}) == "denied"


@pytest.mark.parametrize(("operator", "wanted", "got"), MET)
def test_a_value_that_is_not_known_makes_the_answer_unknown(operator, wanted, got):
    assert verdict({operator: {"aws:key": wanted}}, aws_key=UNKNOWN) == "unknown"
    assert verdict({operator: {"aws:key": UNKNOWN}}, aws_key=got) == "unknown"
    assert verdict({operator: {"aws:key": wanted}}, unlisted="unknown") == "unknown"
    assert verdict({f"{operator}IfExists": {"aws:key": wanted}}, aws_key=None) == "unknown"


def test_one_of_several_values_must_match_and_with_a_negated_operator_none():
    assert verdict({"StringEquals": {"aws:key": ["a", "b"]}}, aws_key="b") == "allowed"
    assert verdict({"StringNotEquals": {"aws:key": ["a", "b"]}}, aws_key="b") == "denied"
    assert verdict({"StringNotEquals": {"aws:key": ["a", "b"]}}, aws_key="c") == "allowed"
    assert verdict({"StringEquals": {"aws:key": ["a", UNKNOWN]}}, aws_key="a") == "allowed"
    assert verdict({"StringEquals": {"aws:key": []}}, aws_key="a") == "denied"


def test_several_conditions_must_all_be_met():
    both = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    assert verdict(both, aws_a="1", aws_b="2", aws_c="true") == "allowed"
    assert verdict(both, aws_a="1", aws_b="2", aws_c="false") == "denied"
    assert verdict(both, aws_a="1", aws_b="3", aws_c=UNKNOWN) == "denied"
    assert verdict(both, aws_a="1", aws_b="2", aws_c=None) == "unknown"


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringLike", ("PostDateTime", "Message"), "allowed"),
        ("ForAllValues:StringLike", ("PostDateTime", "UserName"), "denied"),
        ("ForAnyValue:StringLike", ("PostDateTime", "UserName"), "allowed"),
        ("ForAnyValue:StringLike", ("UserName",), "denied"),
        ("ForAnyValue:StringNotLike", ("PostDateTime", "UserName"), "allowed"),
        ("ForAllValues:StringNotLike", ("PostDateTime", "UserName"), "denied"),
        ("ForAllValues:StringNotLike", ("UserName",), "allowed"),
        ("ForAnyValue:StringLike", ("UserName", UNKNOWN), "unknown"),
        ("ForAnyValue:StringLike", ("Tags", UNKNOWN), "allowed"),
        ("ForAllValues:StringLike", ("UserName", UNKNOWN), "denied"),
        ("StringLike", ("Tags", "Message"), "allowed"),
        ("StringLike", ("Tags", "UserName"), "unknown"),
        ("ForAllValues:StringLike", "Tags", "allowed"),
    ],
)
def test_sets_of_values(operator, values, expected):
    """AWS's example of a table's attributes; without a set operator, several values are not documented."""
    wanted = ["PostDateTime", "Message", "Tags"]
    assert verdict({operator: {"aws:attributes": wanted}}, aws_attributes=values) == expected


def test_null_asks_whether_a_key_is_there():
    for wanted, given in (("true", {}), ("false", {"aws_key": "x"}), (False, {"aws_key": UNKNOWN})):
        assert verdict({"Null": {"aws:key": wanted}}, **given) == "allowed"
    for wanted, given in (("false", {}), ("true", {"aws_key": "x"}), (True, {"aws_key": UNKNOWN})):
        assert verdict({"Null": {"aws:key": wanted}}, **given) == "denied"
    assert verdict({"Null": {"aws:key": "true"}}, aws_key=None) == "unknown"
    assert verdict({"Null": {"aws:key": ["true", "false"]}}, aws_key=None) == "allowed"


def test_variables_are_filled_in_since_version_2012_10_17():
    condition = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    assert verdict(condition, aws_ResourceAccount="123456789012") == "allowed"
    assert verdict(condition, aws_ResourceAccount="999999999999") == "denied"
    assert verdict(condition, aws_ResourceAccount="123456789012", version="2008-10-17") == "denied"
    assert verdict(condition, aws_ResourceAccount="${aws:PrincipalAccount}", version="2008-10-17") == "allowed"
    assert verdict(condition, aws_ResourceAccount="123456789012", version=UNKNOWN) == "unknown"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("${aws:PrincipalTag/queue}", "orders", "allowed"),
        ("${AWS:principaltag/queue}", "orders", "allowed"),
        ("${aws:PrincipalTag/queue}", "other", "denied"),
        ("ord${aws:PrincipalTag/end}", "", "denied"),
        ("ord${aws:PrincipalTag/end, 'ers'}", "", "allowed"),
        ("ord${aws:PrincipalTag/end,'x'}", "", "denied"),
        ("${aws:PrincipalTag/queue, 'x'}", "orders", "allowed"),
        ("${aws:PrincipalTag/queue}", UNKNOWN, "unknown"),
        ("${aws:PrincipalTag/queue}x", UNKNOWN, "denied"),
        ("${aws:PrincipalTag/queue}", "ord*", "unknown"),
        ("ord${*}", "", "denied"),
        ("ord${?}rs", "", "denied"),
        ("${$}orders", "", "denied"),
        ("${", "", "denied"),
    ],
)
def test_variables_in_a_resource(text, name, expected):
    """The value of a tag is the queue's name. AWS does not document whether a wildcard in the value is a wildcard."""
    keys = {"aws_PrincipalTag/queue": name} if name else {}
    start = QUEUE.rsplit(":", 1)[0]
    assert verdict({}, resource=f"{start}:{text}", **keys) == expected


def test_a_special_character_in_braces_is_that_character():
    assert verdict({"StringLike": {"aws:key": "a${*}"}}, aws_key="a*") == "allowed"
    assert verdict({"StringLike": {"aws:key": "a${*}"}}, aws_key="ab") == "denied"
    assert verdict({"StringEquals": {"aws:key": "${$}{x}"}}, aws_key="${x}") == "allowed"


def test_a_variable_without_a_value_matches_nothing_and_with_a_negated_operator_it_is_unknown():
    """AWS: it "might cause the entire statement to be invalid"."""
    assert verdict({"StringEquals": {"aws:key": "${aws:username}"}}, aws_key="x") == "denied"
    assert verdict({"StringNotEquals": {"aws:key": "${aws:username}"}}, aws_key="x") == "unknown"
    assert verdict({"StringNotEquals": {"aws:key": ["${aws:username}", "x"]}}, aws_key="x") == "denied"


def test_a_value_that_cannot_be_parsed_does_not_match_and_with_a_negated_operator_it_is_unknown():
    assert verdict({"NumericNotEquals": {"aws:key": "1"}}, aws_key="x") == "unknown"
    assert verdict({"NumericEquals": {"aws:key": "NaN"}}, aws_key="NaN") == "denied"


@pytest.mark.parametrize("operator", ["StringEqual", "NullIfExists", "ForAnyValue:Null", "ForSomeValue:StringLike", ""])
def test_an_operator_that_does_not_exist_is_refused(operator):
    with pytest.raises(InvalidPolicy, match="there is no condition operator"):
        verdict({operator: {"aws:key": "x"}})


def test_the_principal_gives_its_own_condition_keys():
    for key, value in {
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalAccount": "123456789012",
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
    }.items():
        assert verdict({"StringEquals": {key: value}}) == "allowed"
    assert verdict({"StringLike": {"aws:userid": "*:run"}}) == "allowed"
    assert verdict({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}) == "unknown"
    assert verdict({"Null": {"aws:username": "true"}}, unlisted="unknown") == "allowed"
    assert verdict({"StringEquals": {"aws:PrincipalArn": ROLE}}, aws_principalarn="x") == "denied"


def test_keys_of_another_service_are_absent_when_other_keys_are_not_known():
    for key, expected in {"aws:Nothing": "unknown", "sqs:Nothing": "unknown", "s3:prefix": "allowed"}.items():
        assert verdict({"Null": {key: "true"}}, unlisted="unknown") == expected
