"""Every Python block of the README runs, in order, as a user would run them."""

import subprocess
import sys
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


def test_no_python_block_is_left_out():
    text = README.read_text()
    assert len(EXAMPLES) == text.count("```python\n") + text.count("invisible-code-block: python\n") + text.count(
        "<!-- skip"
    )


def test_the_test_that_the_readme_shows_passes(local_aws, tmp_path, monkeypatch):
    app = Path(__file__).parent / "example" / "app.py"
    subprocess.run([sys.executable, str(app), "cdk.out"], check=True, cwd=tmp_path)
    monkeypatch.chdir(tmp_path)
    DOCUMENT.namespace["test_a_failed_order_reaches_the_queue"](local_aws)
