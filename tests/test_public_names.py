"""What the package says it offers is what it offers."""

import lambda_destinations
from support.cdk import V1  # noqa: F401  (a CDK is needed to load every name)


def test_all_is_sorted_and_every_name_loads():
    assert lambda_destinations.__all__ == sorted(lambda_destinations.__all__)
    for name in lambda_destinations.__all__:
        assert getattr(getattr(lambda_destinations, name), "__name__", name) == name


def test_dir_and_all_agree():
    assert dir(lambda_destinations) == sorted(lambda_destinations.__all__)


def test_all_and_the_lazy_table_agree():
    assert sorted(lambda_destinations._HOME) == lambda_destinations.__all__
