"""Whole templates and construct trees, ours compared with upstream's, on the CDK that is installed here."""

from functools import partial

import aws_cdk.aws_lambda_destinations as upstream
import pytest

import lambda_destinations as ours
from parity import cases
from support.cdk import PARITY, annotations, synthesize, synthesize_with_tree

ALL = [
    pytest.param(partial(case, kind=kind), id=f"{case.__name__}-{kind.replace(' ', '_')}")
    for case in cases.FOR_EVERY_KIND
    for kind in cases.KINDS
] + [pytest.param(case, id=case.__name__) for case in cases.CASES]


# Upstream's rule for a qualifier matches nothing. Ours is different: see tests/cdk/test_qualified.py.
QUALIFIED = {"alias_and_version-response_only", "event_invoke_config-response_only"}


def test_upstream_is_not_our_drop_in():
    """If upstream is installed, its own module comes before the drop-in."""
    assert upstream.SnsDestination is not ours.SnsDestination
    assert upstream.SnsDestination.__jsii_type__.endswith("SnsDestination")


@pytest.mark.parametrize("case", [case for case in ALL if case.id not in QUALIFIED])
def test_the_templates_are_the_same_as_upstreams(case):
    expected, tree = synthesize_with_tree(lambda app: case(app, upstream))
    assert synthesize_with_tree(lambda app: case(app, ours)) == (expected, tree)


@pytest.mark.parametrize("case", [case for case in ALL if case.id in QUALIFIED])
def test_where_upstream_is_wrong_the_templates_are_the_same_with_the_parity_key_only(case):
    expected, tree = synthesize_with_tree(lambda app: case(app, upstream))
    assert synthesize_with_tree(lambda app: case(app, ours), context=PARITY) == (expected, tree)
    assert synthesize(lambda app: case(app, ours)) != expected


CROSSING = ("two_environments", "target_in_another", "response_only_to_an_imported_function_elsewhere")


@pytest.mark.parametrize("case", [case for case in ALL if not case.id.startswith(CROSSING)])
def test_an_app_without_mistakes_gets_no_warning_from_us(case):
    assert annotations(lambda app: case(app, ours)) == []


@pytest.mark.parametrize("case", cases.REFUSED, ids=lambda case: case.__name__)
def test_we_refuse_what_upstream_refuses_and_keep_its_message(case):
    with pytest.raises(RuntimeError) as theirs:
        synthesize(lambda app: case(app, upstream))
    with pytest.raises(RuntimeError) as mine:
        synthesize(lambda app: case(app, ours))
    assert str(theirs.value).split("\n")[0] in str(mine.value)
