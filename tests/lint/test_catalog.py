"""The catalog is complete: every code has a rule, every rule has an id, and every id has a row in the README."""

import re
from pathlib import Path

from lambda_destinations import lint
from lambda_destinations.lint._catalog import BY_CODE, CATALOG
from lint.faults import FAULTS

SOURCE = Path(lint.__file__).parents[1]
README = (Path(__file__).parents[2] / "README.md").read_text()


def test_every_code_has_a_rule():
    refused = "".join(path.read_text() for path in (SOURCE / "template").glob("_refuse*.py"))
    judged = "".join(path.read_text() for path in (SOURCE / "lint").glob("_*.py"))
    codes = set(re.findall(r'Refused\(\s*"([a-z-]+)"', refused)) | set(re.findall(r'finding\(\s*"([a-z-]+)"', judged))
    assert len(codes) > 20
    assert {each for each in codes if not each.startswith("schema-")} <= BY_CODE.keys()


def test_every_rule_has_its_own_id_that_starts_with_its_severity():
    assert len({each.id for each in CATALOG}) == len(CATALOG)
    assert all(re.fullmatch(r"[EW]LD\d{3}", each.id) for each in CATALOG)


def test_cfn_lint_loads_every_rule():
    assert set(lint.rules()) == {each.id for each in CATALOG}


def test_every_rule_has_its_row_in_the_readme():
    assert re.findall(r"^\| `([EW]LD\d{3})` \| (.*) \|$", README, re.MULTILINE) == [(e.id, e.title) for e in CATALOG]


def test_every_group_of_rules_has_a_fault():
    assert {"ELD1", "ELD2", "WLD2", "WLD3", "ELD4", "WLD4"} == {fault.id[:4] for fault in FAULTS}
