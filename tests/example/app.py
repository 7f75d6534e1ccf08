"""The examples of upstream's README as one app: every destination, `response_only`, an alias, alarms, a KMS key.

`python tests/example/app.py` synthesizes it into `cdk.out`; `cdk deploy --app cdk.out` would deploy it.
"""

import sys
from pathlib import Path

import aws_cdk.aws_events as events
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs

import lambda_destinations as destinations

try:
    import aws_cdk.core as cdk  # CDK v1
except ImportError:
    import aws_cdk as cdk

SOURCE = """
def handler(event, context):
    if not event.get("Success"):
        raise ValueError("Failure from event, Success = false, I am failing!")
    return {"Order": 17}
"""
DESTINATION = """
def handler(event, context):
    print(event)
    return event
"""


class ExampleStack(cdk.Stack):
    """`Source` sends its response to `Destination`, which sends to a queue. The others use the other destinations."""

    def __init__(self, scope, id):
        super().__init__(scope, id)
        topic = sns.Topic(self, "Topic")
        queue = sqs.Queue(self, "Queue")
        failures = sqs.Queue(self, "Failures", encryption_master_key=kms.Key(self, "Key"))
        bus = events.EventBus(self, "Bus")
        topic_listener = sqs.Queue(self, "TopicListener")
        sns.Subscription(
            self,
            "TopicToQueue",
            topic=topic,
            protocol=sns.SubscriptionProtocol.SQS,
            endpoint=topic_listener.queue_arn,
            raw_message_delivery=True,
        )
        from_topic = {"ArnEquals": {"aws:SourceArn": topic.topic_arn}}
        topic_listener.grant_send_messages(iam.ServicePrincipal("sns.amazonaws.com", conditions=from_topic))

        destination = self.function("Destination", DESTINATION, on_success=destinations.SqsDestination(queue))
        source = self.function(
            "Source",
            SOURCE,
            on_success=destinations.LambdaDestination(destination, response_only=True),
            on_failure=destinations.SqsDestination(failures),
        )
        self.function(
            "Audited",
            SOURCE,
            on_success=destinations.EventBridgeDestination(bus),
            on_failure=destinations.SnsDestination(topic),
        )
        self.function(
            "Repaired",
            SOURCE,
            on_success=destinations.EventBridgeDestination(),
            on_failure=destinations.LambdaDestination(destination),
        )
        released = lambda_.Version(self, "Version", lambda_=self.function("Archived", SOURCE))
        lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=released,
            on_failure=destinations.S3Destination(s3.Bucket(self, "Bucket")),
        )
        destinations.AsyncInvocationAlarms(self, "Alarms", function=source, oldest_failure=cdk.Duration.hours(1))

    def function(self, id, code, **props):
        return lambda_.Function(
            self,
            id,
            runtime=lambda_.Runtime("python3.13", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True),
            handler="index.handler",
            code=lambda_.Code.from_inline(code),
            **props,
        )


def main(outdir="cdk.out"):
    app = cdk.App(outdir=outdir, analytics_reporting=False, context={"aws:cdk:enable-path-metadata": True})
    ExampleStack(app, "Example")
    app.synth()
    return Path(outdir)


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
