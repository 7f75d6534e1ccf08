"""`LambdaDestinationOptions` behaves like upstream's struct."""

import aws_cdk.aws_lambda_destinations as upstream
import pytest

import lambda_destinations as ours


@pytest.mark.parametrize("given", [{}, {"response_only": None}, {"response_only": True}, {"response_only": False}])
def test_property_and_repr_are_the_same_as_upstreams(given):
    expected, got = upstream.LambdaDestinationOptions(**given), ours.LambdaDestinationOptions(**given)
    assert got.response_only == expected.response_only
    assert repr(got) == repr(expected)


def test_equality_is_by_value():
    same = ours.LambdaDestinationOptions(response_only=True)
    assert same == ours.LambdaDestinationOptions(response_only=True)
    assert same != ours.LambdaDestinationOptions(response_only=False)
    assert same != ours.LambdaDestinationOptions()
    assert same != upstream.LambdaDestinationOptions(response_only=True)


def test_it_is_keyword_only_and_frozen_like_a_jsii_struct():
    with pytest.raises(TypeError):
        ours.LambdaDestinationOptions(True)
    with pytest.raises(AttributeError):
        ours.LambdaDestinationOptions().response_only = True
