"""The fixtures by kind: a test that takes `record_file`, `event_file` or `other_file` runs once for each."""

from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name in {"record_file", "event_file", "other_file"} & set(metafunc.fixturenames):
        files = sorted((FIXTURES / f"{name.removesuffix('_file')}s").glob("*.json"))
        metafunc.parametrize(name, files, ids=[file.stem for file in files])


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def failed(fixtures: Path) -> str:
    """A record of a function that raised three times."""
    return (fixtures / "records" / "retries_exhausted.json").read_text()


@pytest.fixture
def verbatim(fixtures: Path) -> str:
    """A record whose payloads are written in a way that Python's json never writes."""
    return (fixtures / "records" / "verbatim_payloads.json").read_text()
