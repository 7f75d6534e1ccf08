"""The catalog is whole: a rule for every code that can be found, an id for every rule, a row for every id."""

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


def test_every_rule_has_an_id_of_its_own_that_says_how_grave_it_is():
    assert len({each.id for each in CATALOG}) == len(CATALOG)
    assert all(re.fullmatch(r"[EW]LD\d{3}", each.id) for each in CATALOG)


def test_every_rule_is_one_of_cfn_lints():
    assert set(lint.rules()) == {each.id for each in CATALOG}


def test_every_rule_has_its_row_in_the_readme():
    assert re.findall(r"^\| `([EW]LD\d{3})` \| (.*) \|$", README, re.MULTILINE) == [(e.id, e.title) for e in CATALOG]


def test_the_faults_go_through_the_rules_of_the_issue():
    assert {"ELD1", "ELD2", "WLD2", "WLD3", "ELD4", "WLD4"} == {fault.id[:4] for fault in FAULTS}
