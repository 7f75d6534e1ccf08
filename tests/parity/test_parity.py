"""Whole templates and construct trees, ours against upstream's, on the CDK that is installed here."""

from functools import partial

import aws_cdk.aws_lambda_destinations as upstream
import pytest

import lambda_destinations as ours
from parity import cases
from support.cdk import annotations, synthesize, synthesize_with_tree

ALL = [
    pytest.param(partial(case, kind=kind), id=f"{case.__name__}-{kind.replace(' ', '_')}")
    for case in cases.FOR_EVERY_KIND
    for kind in cases.KINDS
] + [pytest.param(case, id=case.__name__) for case in cases.CASES]


# A rule of upstream's on a qualifier matches nothing; ours differ, see tests/cdk/test_qualified.py.
QUALIFIED = {"alias_and_version-response_only", "event_invoke_config-response_only"}
PARITY = {"lambda-destinations:upstream-parity": True}


def test_upstream_is_not_ours_under_another_name():
    """Where upstream is installed its own module wins over the drop-in."""
    assert upstream.SnsDestination is not ours.SnsDestination
    assert upstream.SnsDestination.__jsii_type__.endswith("SnsDestination")


@pytest.mark.parametrize("case", [case for case in ALL if case.id not in QUALIFIED])
def test_templates_are_upstreams(case):
    expected, tree = synthesize_with_tree(lambda app: case(app, upstream))
    assert synthesize_with_tree(lambda app: case(app, ours)) == (expected, tree)


@pytest.mark.parametrize("case", [case for case in ALL if case.id in QUALIFIED])
def test_templates_are_upstreams_where_upstream_is_wrong_with_the_parity_key_alone(case):
    expected, tree = synthesize_with_tree(lambda app: case(app, upstream))
    assert synthesize_with_tree(lambda app: case(app, ours), context=PARITY) == (expected, tree)
    assert synthesize(lambda app: case(app, ours)) != expected


CROSSING = ("two_environments", "target_in_another", "response_only_to_an_imported_function_elsewhere")


@pytest.mark.parametrize("case", [case for case in ALL if not case.id.startswith(CROSSING)])
def test_an_app_without_fault_has_no_annotation_of_ours(case):
    assert annotations(lambda app: case(app, ours)) == []


@pytest.mark.parametrize("case", cases.REFUSED, ids=lambda case: case.__name__)
def test_what_upstream_refuses_ours_refuses_with_as_many_words(case):
    with pytest.raises(RuntimeError) as theirs:
        synthesize(lambda app: case(app, upstream))
    with pytest.raises(RuntimeError) as mine:
        synthesize(lambda app: case(app, ours))
    assert str(theirs.value).split("\n")[0] in str(mine.value)
