"""The budget of messages: how many round trips to Node one more function costs, for each kind and outcome.

A round trip takes about 0.2 ms on both sides, and almost all time is spent on them. Upstream is in Node, and needs one
for each destination object.
"""

import aws_cdk.aws_events as events
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as d
from support.cdk import V1, cdk, function
from support.messages import counted

KINDS = {
    "topic": lambda stack: d.SnsDestination(stack.topic),
    "queue": lambda stack: d.SqsDestination(stack.queue),
    "bus": lambda stack: d.EventBridgeDestination(stack.bus),
    "default bus": lambda _: d.EventBridgeDestination(),
    "function": lambda stack: d.LambdaDestination(stack.target),
    "bucket": lambda stack: d.S3Destination(stack.bucket),
    "response to function": lambda stack: d.LambdaDestination(stack.target, response_only=True),
    "response to topic": lambda stack: d.SnsDestination(stack.topic, response_only=True),
    "response to queue": lambda stack: d.SqsDestination(stack.queue, response_only=True),
}

# In addition to a function without destinations; the check of its configuration at synth is included.
BUDGET = {
    "topic": {"success": 4, "failure": 4, "both": 7},
    "queue": {"success": 4, "failure": 4, "both": 7},
    "bus": {"success": 5, "failure": 5, "both": 9},
    "default bus": {"success": 8, "failure": 6, "both": 12},
    "function": {"success": 5, "failure": 5, "both": 9},
    "bucket": {"failure": 8},
    "response to function": {"success": 14, "failure": 13, "both": 20},
    "response to topic": {"success": 14, "failure": 13, "both": 20},
    "response to queue": {"success": 14, "failure": 13, "both": 20},
}

if not V1:  # the CDK's own target answers in Node
    BUDGET["response to function"] = {"success": 11, "failure": 10, "both": 14}


class Stack(cdk.Stack):
    """One resource of each kind."""

    def __init__(self, app):
        super().__init__(app, "Stack")
        self.topic, self.queue = sns.Topic(self, "Topic"), sqs.Queue(self, "Queue")
        self.bus, self.bucket = events.EventBus(self, "Bus"), s3.Bucket(self, "Bucket")
        self.target = function(self, "Target")


def messages(tmp_path, functions, outcomes=(), kind=None):
    with counted() as sent:
        app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
        stack = Stack(app)
        for n in range(functions):
            function(stack, f"Fn{n}", **{outcome: KINDS[kind](stack) for outcome in outcomes})
        app.synth()
    return len(sent)


SIDES = {"success": ["on_success"], "failure": ["on_failure"], "both": ["on_success", "on_failure"]}
CASES = [(kind, side) for kind in KINDS for side in SIDES if kind != "bucket" or side == "failure"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("cdk.out")
    _, fewer, more = (messages(tmp_path, functions) for functions in (1, 2, 3))
    return more - fewer


@pytest.mark.parametrize(("kind", "side"), CASES)
def test_one_more_function_costs_no_more_than_its_budget(kind, side, bare, tmp_path):
    _, fewer, more = (messages(tmp_path, functions, SIDES[side], kind) for functions in (1, 2, 3))  # the first warms up
    assert more - fewer - bare == BUDGET[kind][side]
