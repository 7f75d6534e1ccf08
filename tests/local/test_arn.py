"""ARNs of every kind that a record can meet."""

import pytest

from lambda_destinations.local._arn import Arn


@pytest.mark.parametrize(
    ("text", "kind", "name", "qualifier", "bus"),
    [
        ("arn:aws:lambda:us-east-1:111122223333:function:f", "function", "f", None, None),
        ("arn:aws:lambda:us-east-1:111122223333:function:f:live", "function", "f", "live", None),
        ("arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST", "function", "f", "$LATEST", None),
        ("arn:aws-cn:sqs:cn-north-1:111122223333:orders.fifo", "", "orders.fifo", None, None),
        ("arn:aws:sns:us-east-1:111122223333:topic", "", "topic", None, None),
        ("arn:aws:s3:::bucket", "", "bucket", None, None),
        ("arn:aws:s3:::bucket/a/b", "bucket", "bucket", None, None),
        ("arn:aws:events:us-east-1:111122223333:event-bus/default", "event-bus", "default", None, "default"),
        ("arn:aws:events:us-east-1:111122223333:rule/r", "rule", "r", None, "default"),
        ("arn:aws:events:us-east-1:111122223333:rule/results/r", "rule", "r", None, "results"),
        ("arn:aws:iam::111122223333:role/path/to/r", "role", "r", None, None),
        ("arn:aws:kms:us-east-1:111122223333:key/1-2", "key", "1-2", None, None),
        ("arn:aws:states:us-east-1:111122223333:stateMachine:m", "stateMachine", "m", None, None),
    ],
)
def test_an_arn_is_split_into_parts_and_joined_again(text, kind, name, qualifier, bus):
    arn = Arn.parse(text)
    assert (arn.kind, arn.name, arn.qualifier, arn.bus) == (kind, name, qualifier, bus)
    assert str(arn) == text


@pytest.mark.parametrize("text", ["", "arn", "arn:aws:sqs", "arn:aws:sqs:us-east-1:1:", "orders", None, 7])
def test_what_is_not_an_arn_is_refused(text):
    """`parse` raises, `find` does not."""
    assert Arn.find(text) is None
    if isinstance(text, str):
        with pytest.raises(ValueError, match="is not an ARN"):
            Arn.parse(text)


def test_a_qualifier_is_removed_and_added_again():
    arn = Arn.parse("arn:aws:lambda:us-east-1:111122223333:function:f:live")
    assert str(arn.unqualified).endswith(":function:f")
    assert arn.unqualified.qualified("live") == arn
    assert arn.root == "arn:aws:iam::111122223333:root"
