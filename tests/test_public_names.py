"""The public names of the package exist, and the README has every destination."""

from pathlib import Path

import lambda_destinations
from support.cdk import DESTINATIONS

TESTS = Path(__file__).parent


def test_all_is_sorted_and_every_name_loads():
    assert lambda_destinations.__all__ == sorted(lambda_destinations.__all__)
    for name in lambda_destinations.__all__:
        assert getattr(getattr(lambda_destinations, name), "__name__", name) == name


def test_dir_and_all_agree():
    assert dir(lambda_destinations) == sorted(lambda_destinations.__all__)


def test_all_and_the_lazy_table_agree():
    assert sorted(lambda_destinations._HOME) == lambda_destinations.__all__


def test_every_destination_is_in_the_readme_and_in_the_parity_suite():
    readme, cases = (TESTS.parent / "README.md").read_text(), (TESTS / "parity" / "cases.py").read_text()
    for name in DESTINATIONS:
        assert f"destinations.{name}(" in readme
        # Upstream's S3Destination does not exist on v1 and grants more: tests/cdk/test_keys.py compares it.
        assert f"d.{name}(" in cases or name == "S3Destination"
