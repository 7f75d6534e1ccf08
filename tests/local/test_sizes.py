"""The maximum size that each service takes, with the envelope."""

import pytest

ECHO = "def handler(event, context): return event"


@pytest.mark.parametrize(("limit", "arrives"), [(None, False), (1_048_576, True)], ids=["256 KiB", "raised to 1 MiB"])
def test_a_topic_takes_what_its_maximum_message_size_says(local_aws, template, limit, arrives):
    """The default is 256 KiB."""
    topic = template.topic(**({"MaximumMessageSize": limit} if limit else {}))
    template.source("success", topic, "sns", code=ECHO)
    run = local_aws.deploy(template.write()).invoke("Source", "x" * 200_000)
    assert [each.code for each in run.problems] == ([] if arrives else ["too-large"])


@pytest.mark.parametrize(("limit", "arrives"), [(None, True), (100_000, False)], ids=["1 MiB", "lowered"])
def test_a_queue_takes_what_its_maximum_message_size_says(local_aws, template, limit, arrives):
    """The default is 1 MiB."""
    queue = template.queue(**({"MaximumMessageSize": limit} if limit else {}))
    template.source("success", queue, "sqs", code=ECHO)
    run = local_aws.deploy(template.write()).invoke("Source", "x" * 60_000)
    assert [each.code for each in run.problems] == ([] if arrives else ["too-large"])


def test_the_envelope_of_an_event_counts(local_aws, template):
    """Source, detail-type and resources count too, so a detail may be too large that would fit alone."""
    template.source("success", template.add("Bus", "AWS::Events::EventBus", Name="b"), "events", code=ECHO)
    app = local_aws.deploy(template.write())
    empty = len(app.invoke("Source", "").record.to_json())
    room = (1_048_576 - empty) // 2
    assert [each.code for each in app.invoke("Source", "x" * (room - 20)).problems] == ["too-large"]
    assert app.invoke("Source", "x" * (room - 200)).problems == []
