"""Every Python block of the README runs, in order, as one user would run them."""

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

README = Path(__file__).parents[1] / "README.md"
DOCUMENT = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()]).parse(README)
EXAMPLES = list(DOCUMENT.examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line_{example.line}")
def test_the_block_runs(example):
    example.evaluate()


def test_no_python_block_is_passed_over():
    text = README.read_text()
    assert len(EXAMPLES) == text.count("```python\n") + text.count("invisible-code-block: python\n") + text.count(
        "<!-- skip"
    )
