"""The checks as a plugin of the CDK: `synth` itself reports the problems."""

import contextlib
import json

import aws_cdk.aws_events as events
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from support.cdk import V1, cdk, function

pytest.importorskip("cfnlint", reason="the plugin needs the extra [tools]")
v2 = pytest.mark.skipif(V1, reason="CDK v1 has no validation plugins")
NEW = hasattr(cdk, "Validations")


def app_with(plugin, outdir):
    if NEW:
        app = cdk.App(outdir=str(outdir), analytics_reporting=False)
        cdk.Validations.of(app).add_plugins(plugin)
        return app
    return cdk.App(outdir=str(outdir), analytics_reporting=False, policy_validation_beta1=[plugin])


def faulty(app):
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn", on_failure=destinations.EventBridgeDestination())
    failures = ["Lambda Function Invocation Result - Failure"]
    pattern = events.EventPattern(source=["aws.lambda"], detail_type=failures)
    events.Rule(stack, "Rule", event_pattern=pattern)


def warned(app):
    stack = cdk.Stack(app, "Stack")
    queue = destinations.SqsDestination(sqs.Queue(stack, "Queue"))
    function(stack, "Fn", on_failure=queue, max_event_age=cdk.Duration.seconds(60))


def report_in(outdir):
    (report,) = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    return report


@v2
def test_a_clean_app_is_synthesized(tmp_path):
    app = app_with(destinations.DestinationValidation(), tmp_path)
    stack = cdk.Stack(app, "Stack")
    function(stack, "Fn", on_failure=destinations.SqsDestination(sqs.Queue(stack, "Queue")))
    app.synth()
    assert (tmp_path / "Stack.template.json").is_file()


@v2
@pytest.mark.skipif(not NEW, reason="an older CDK ends the process")
def test_an_error_fails_the_synthesis_and_is_in_the_report(tmp_path):
    app = app_with(destinations.DestinationValidation(), tmp_path)
    faulty(app)
    with pytest.raises(RuntimeError, match="lambda-destinations::ELD202"):
        app.synth()
    report = report_in(tmp_path)
    assert (report["pluginName"], report["conclusion"]) == ("lambda-destinations", "failure")
    assert [(each["ruleName"], each["severity"]) for each in report["violations"]] == [("ELD202", "error")]
    (construct,) = report["violations"][0]["violatingConstructs"]
    assert construct["constructPath"].startswith("Stack/Rule")


@v2
@pytest.mark.skipif(not NEW, reason="an older CDK ends the process")
@pytest.mark.parametrize(("fail_on", "conclusion"), [("error", "success"), ("warning", "failure")])
def test_a_warning_is_reported_and_fails_the_synthesis_if_fail_on_says_so(fail_on, conclusion, tmp_path):
    app = app_with(destinations.DestinationValidation(fail_on=fail_on), tmp_path)
    warned(app)
    with contextlib.nullcontext() if conclusion == "success" else pytest.raises(RuntimeError):
        app.synth()
    report = report_in(tmp_path)
    assert report["conclusion"] == conclusion
    assert [each["ruleName"] for each in report["violations"]] == ["WLD209"]


@v2
@pytest.mark.skipif(not NEW, reason="acknowledgments came in 2026")
def test_an_acknowledged_rule_is_not_reported(tmp_path):
    app = app_with(destinations.DestinationValidation(), tmp_path)
    faulty(app)
    known = cdk.Acknowledgment(id="lambda-destinations::ELD202", reason="a test")
    cdk.Validations.of(app).acknowledge(known)
    app.synth()
    assert report_in(tmp_path)["violations"] == []


@v2
def test_another_severity_is_refused():
    with pytest.raises(ValueError, match="wants 'error' or 'warning', got 'never'"):
        destinations.DestinationValidation(fail_on="never")


@pytest.mark.skipif(not V1, reason="CDK v2 has validation plugins")
def test_v1_says_what_to_do_instead():
    with pytest.raises(destinations.MissingDependency, match="run lambda-destinations check"):
        destinations.DestinationValidation()
