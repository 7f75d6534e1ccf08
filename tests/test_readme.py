"""Every Python block of the README runs, in order, as a user would run them."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from lambda_destinations import cli
from lambda_destinations.show import draw, show
from support.cdk import V1

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text()
DOCUMENT = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()]).parse(README)
EXAMPLES = list(DOCUMENT.examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line_{example.line}")
def test_the_block_runs(example):
    example.evaluate()


def test_no_python_block_is_left_out():
    assert len(EXAMPLES) == TEXT.count("```python\n") + TEXT.count("invisible-code-block: python\n") + TEXT.count(
        "<!-- skip"
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The folder in which the README's app was synthesized."""
    home = tmp_path_factory.mktemp("shop")
    (code,) = [block for block in re.findall("```python\n(.*?)```", TEXT, re.DOTALL) if "app.synth()" in block]
    if V1:  # the README says that it is an app for v2
        code = code.replace("import aws_cdk as cdk", "import aws_cdk.core as cdk").replace("PYTHON_3_12", "PYTHON_3_9")
    (home / "app.py").write_text(code)
    subprocess.run([sys.executable, "app.py"], check=True, cwd=home)
    return home


def test_the_test_that_the_readme_shows_passes(local_aws, shop, monkeypatch):
    monkeypatch.chdir(shop)
    DOCUMENT.namespace["test_a_failed_order_reaches_the_queue"](local_aws)


def test_the_picture_in_the_readme_is_what_show_draws(shop):
    (drawn,) = re.findall("```mermaid\n(.*?)\n```", TEXT, re.DOTALL)
    assert drawn == draw(show([shop / "cdk.out"]), "mermaid")


def test_the_commands_of_the_readme_print_what_it_says(shop, monkeypatch, capsys):
    (block,) = [block for block in re.findall("```console\n(.*?)```", TEXT, re.DOTALL) if "python app.py" in block]
    monkeypatch.chdir(shop)
    for entry in block.split("$ ")[2:]:
        command, _, output = entry.partition("\n")
        assert cli.main(shlex.split(command)[1:]) == 0
        shown = capsys.readouterr().out
        assert re.sub("[0-9a-f]{4}…", "id…", shown) == re.sub("[0-9a-f]{4}…", "id…", output)
