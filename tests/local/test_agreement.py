"""What `check` says about a template is what happens to it in the engine."""

import pytest

from lambda_destinations.errors import DeployError, InvalidDestination
from lint.faults import FAULTS
from lint.texts import in_json

# The engine does not show these faults, each for its own reason.
NOT_SEEN = {
    "an_age_without_time_for_the_retries": "the records arrive, after fewer attempts",
    "a_configuration_for_what_nobody_invokes": "the test itself invokes what nothing else invokes",
    "a_function_that_only_a_queue_invokes": "the test itself invokes it asynchronously",
    "another_bus": "no records are sent to the bus that has the rule",
}


def run_of(aws, template, folder, qualifier="", payload=None):
    path = folder / "app.json"
    path.write_text(in_json(template))
    with aws.deploy(path) as app:
        return app.invoke(f"Fn{qualifier}", payload)


def asked(fault):
    """Whether the handler must fail, and the qualifier that has the configuration."""
    config = fault.faulty["Resources"]["Config"]["Properties"]
    failing = "OnFailure" in config["DestinationConfig"]
    qualifier = f":{config['Qualifier']}" if config["Qualifier"] != "$LATEST" else ""
    return failing, qualifier


def prepared(template, failing):
    code = "def handler(event, context): raise ValueError('no')" if failing else "def handler(event, context): return 1"
    template["Resources"]["Fn"]["Properties"]["Code"]["ZipFile"] = code
    return template


@pytest.mark.parametrize("fault", [each for each in FAULTS if each.name not in NOT_SEEN], ids=lambda fault: fault.name)
def test_an_error_of_check_is_refused_or_lost(fault, local_aws, tmp_path):
    failing, qualifier = asked(fault)
    template = prepared(fault.faulty, failing)
    if fault.id.startswith("ELD1"):
        with pytest.raises((DeployError, InvalidDestination)):
            run_of(local_aws, template, tmp_path, qualifier)
        return
    run = run_of(local_aws, template, tmp_path, qualifier)
    assert run.problems, str(run)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_template_without_findings_delivers(fault, local_aws, tmp_path):
    config = fault.fixed["Resources"]["Config"]["Properties"]
    failing = "OnFailure" in config["DestinationConfig"]
    qualifier = f":{config['Qualifier']}" if config["Qualifier"] != "$LATEST" else ""
    run = run_of(local_aws, prepared(fault.fixed, failing), tmp_path, qualifier)
    assert not run.problems, str(run)
    assert not run.unknowns, str(run)
