"""The command and the report: formats, exit statuses, ignored rules, unreadable files and false alarms."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from lambda_destinations.lint import check, rules
from lint.faults import FAULTS, TO_BUS, TO_QUEUE, att, changed, config, rule
from lint.texts import in_json, in_yaml

FIFO = FAULTS[0]


def command(*arguments, **more):
    line = [sys.executable, "-m", "lambda_destinations", "check", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, **more)


@pytest.fixture
def faulty(tmp_path):
    path = tmp_path / "app.json"
    path.write_text(in_json(FIFO.faulty))
    return path


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.yaml"
    path.write_text(in_yaml(FIFO.fixed))
    return path


def test_text_has_one_line_for_each_problem_and_a_summary(faulty):
    done = command(faulty)
    first, last = done.stdout.splitlines()
    assert first.startswith(f"{faulty}:")
    assert "error ELD101: app/Config: app/Queue is FIFO" in first
    assert last == "1 error, 0 warnings (1 configuration in 1 template)"
    assert done.returncode == 1


def test_several_templates_are_checked_at_once(faulty, clean):
    assert command(faulty, clean).stdout.endswith("1 error, 0 warnings (2 configurations in 2 templates)\n")


def test_a_clean_template_has_status_0(clean):
    done = command(clean)
    assert (done.returncode, done.stdout) == (0, "nothing found (1 configuration in 1 template)\n")


@pytest.mark.parametrize(("fail_on", "status"), [("error", 0), ("warning", 1), ("never", 0)])
def test_fail_on_decides_the_status(fail_on, status, tmp_path):
    path = tmp_path / "app.json"
    path.write_text(in_json(next(each.faulty for each in FAULTS if each.id == "WLD209")))
    assert command(path, "--fail-on", fail_on).returncode == status


def test_json_has_a_version_and_the_problems(faulty):
    document = json.loads(command(faulty, "--format", "json").stdout)
    assert document["version"] == 1
    (problem,) = document["problems"]
    assert (problem["id"], problem["severity"], problem["logical_id"]) == ("ELD101", "error", "Config")
    assert problem["source"].startswith("https://docs.aws.amazon.com/")


def test_sarif_names_the_rule_and_the_place(faulty):
    (run,) = json.loads(command(faulty, "--format", "sarif").stdout)["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("ELD101", "error")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == check([faulty]).problems[0].line


def test_junit_fails_one_case_and_passes_the_others(faulty):
    suite = ET.fromstring(command(faulty, "--format", "junit").stdout).find("testsuite")  # noqa: S314  (XML of our own)
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert len(failed) == 1
    assert failed[0].startswith("ELD101 ")
    assert len(suite) == len(rules())


def test_github_annotates_the_line(faulty):
    line = check([faulty]).problems[0].line
    first = command(faulty, "--format", "github").stdout.splitlines()[0]
    assert first.startswith(f"::error file={faulty},line={line},")
    assert "title=ELD101::app/Config: app/Queue is FIFO" in first


def test_a_rule_can_be_ignored_on_the_line_and_in_the_template(faulty, tmp_path):
    assert check([faulty], ignore=["ELD1"]).problems == ()
    for place in (FIFO.faulty, FIFO.faulty["Resources"]["Config"]):
        template = json.loads(json.dumps(FIFO.faulty))
        target = template if place is FIFO.faulty else template["Resources"]["Config"]
        target["Metadata"] = {"cfn-lint": {"config": {"ignore_checks": ["ELD101"]}}}
        path = tmp_path / "ignoring.json"
        path.write_text(in_json(template))
        assert check([path]).problems == ()


def test_a_parameter_that_is_given_is_judged(tmp_path):
    template = changed(TO_QUEUE, Config=config(OnFailure=att("Queue.Arn"), MaximumEventAgeInSeconds={"Ref": "Age"}))
    path = tmp_path / "app.json"
    path.write_text(in_json({**template, "Parameters": {"Age": {"Type": "Number"}}}))
    assert command(path).returncode == 0
    assert "WLD209" in command(path, "--parameter", "Age=60").stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no "),
        ("{", "is not JSON"),
        ("a: [", "is neither JSON nor YAML"),
        ("[]", "does not hold a"),
        ("a: 1", "has no Resources object"),
        ("Resources: {A: {Type: 7}}", "has no Type"),
        ("Resources: &a\n  A: *a", ""),
        (
            '{"Resources": {"A": {"Type": "T", "Properties": {"B": {"Ref": "C"}}}}}',
            "there is no resource or parameter 'C'",
        ),
        ("[" * 100_000, "nested too deeply"),
        ("\udcff", "UTF-8"),
    ],
    ids=range(10),
)
def test_what_cannot_be_checked_has_a_clear_message_and_status_2(content, says, tmp_path):
    path = tmp_path / "app.template"
    if content is not None:
        path.write_bytes(content.encode(errors="surrogateescape"))
    done = command(path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_template_without_destinations_has_a_message_and_status_0(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("Resources: {Queue: {Type: 'AWS::SQS::Queue'}}")
    done = command(path)
    assert (done.returncode, done.stdout) == (0, "no destinations in 1 template\n")


def test_hundreds_of_findings_are_all_reported(tmp_path):
    resources = {}
    for number in range(200):
        text = json.dumps(FIFO.faulty["Resources"])
        for name in FIFO.faulty["Resources"]:
            text = text.replace(f'"{name}"', f'"{name}{number}"')
        resources.update(json.loads(text))
    path = tmp_path / "app.json"
    path.write_text(json.dumps({"Resources": resources}))
    assert len(check([path]).problems) == 200


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["lambda"], "detail-type": None, "resources": None},
        {"source": ["aws.lambda"], "detail-type": ["AWS API Call via CloudTrail"], "resources": None},
        {"resources": None},
        {"resources": [{"prefix": att("Fn.Arn")}]},
        {"resources": [{"wildcard": {"Fn::Join": ["", [att("Fn.Arn"), ":*"]]}}]},
        {"detail": {"responsePayload": {"status": ["done"]}}},
        {"detail": {"requestContext": {"condition": ["Success"]}}},
        {"source": [{"prefix": "lam"}]},
        {"resources": [{"Ref": "Elsewhere"}]},
    ],
    ids=str,
)
def test_a_rule_that_can_match_is_not_reported(pattern, tmp_path):
    template = changed(TO_BUS, Rule=rule(att("Target.Arn"), **pattern))
    path = tmp_path / "app.json"
    path.write_text(in_json({**template, "Parameters": {"Elsewhere": {"Type": "String"}}}))
    assert check([path]).problems == ()


def test_a_destination_in_another_account_is_not_judged(tmp_path):
    elsewhere = "arn:aws:sqs:eu-west-1:111122223333:failures"
    path = tmp_path / "app.json"
    path.write_text(in_json(changed(TO_QUEUE, Config=config(OnFailure=elsewhere))))
    assert check([path]).problems == ()  # the policy of that queue may allow the role
