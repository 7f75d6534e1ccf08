"""How fast the local engine proves a delivery, as a Markdown table; ratios to plain calls on the same engine.

`python tests/benchmarks/bench_local.py` on a quiet machine. It fails on nothing: a clock is no judge.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lambda_destinations.local import App, LocalAws

ROUNDS = 40
QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}
HANDLER = "def handler(event, context):\n    if event.get('fail'): raise ValueError('no')\n    return event\n"
ACTIONS = {
    "sqs": ("sqs:SendMessage", "AWS::SQS::Queue", {}),
    "sns": ("sns:Publish", "AWS::SNS::Topic", {}),
    "events": ("events:PutEvents", "AWS::Events::EventBus", {"Name": "bench"}),
    "s3": ("s3:*", "AWS::S3::Bucket", {}),
}


def template(service: str) -> dict[str, Any]:
    """`Source` reports to `Target`, without retries."""
    _, kind, properties = ACTIONS[service]
    arn = {"Ref": "Target"} if service == "sns" else {"Fn::GetAtt": ["Target", "Arn"]}
    on = {"OnFailure": {"Destination": arn}} | ({} if service == "s3" else {"OnSuccess": {"Destination": arn}})
    return {
        "Resources": {
            "Target": {"Type": kind, "Properties": properties},
            **function("Source", service),
            "Config": {
                "Type": "AWS::Lambda::EventInvokeConfig",
                "Properties": {
                    "FunctionName": {"Ref": "Source"},
                    "Qualifier": "$LATEST",
                    "MaximumRetryAttempts": 0,
                    "DestinationConfig": on,
                },
            },
        }
    }


def function(name: str, service: str) -> dict[str, Any]:
    """A function whose role may write to the destinations of a service."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    allow = {"Effect": "Allow", "Action": ACTIONS[service][0], "Resource": "*"}
    return {
        f"{name}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Statement": [trust]},
                "Policies": [{"PolicyName": "own", "PolicyDocument": {"Statement": [allow]}}],
            },
        },
        name: {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": HANDLER},
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
            },
        },
    }


def deploy(aws: LocalAws, folder: Path, service: str) -> App:
    """The app of `template`, deployed."""
    path = folder / f"{service}.json"
    path.write_text(json.dumps(template(service)))
    return aws.deploy(path)


def median(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median duration of a call in seconds, after one that does not count."""
    call()
    durations = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


def plain_calls(aws: LocalAws, app: App, service: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """A plain RequestResponse invocation and a plain call of the service, as a user would write them."""
    name, arn = app.resource("Source").physical_id, app.resource("Target").arn
    client, invoke = aws.client(service), aws.client("lambda")
    body = "x" * 500
    calls: dict[str, Callable[[], object]] = {
        "sqs": lambda: client.send_message(QueueUrl=app.resource("Target").physical_id, MessageBody=body),
        "sns": lambda: client.publish(TopicArn=arn, Message=body),
        "events": lambda: client.put_events(
            Entries=[{"EventBusName": arn, "Source": "bench", "DetailType": "d", "Detail": json.dumps({"x": body})}]
        ),
        "s3": lambda: client.put_object(Bucket=app.resource("Target").physical_id, Key="k", Body=body),
    }

    def plain() -> bytes:
        answer: bytes = invoke.invoke(FunctionName=name, Payload=b"{}")["Payload"].read()
        return answer

    return plain, calls[service]


def row(*cells: object) -> None:
    """One line of the table."""
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def times(ratio: float) -> str:
    """A ratio for the table."""
    return f"{ratio:.2f} times"


def measure_start(folder: Path) -> None:
    """From nothing to the first record read back."""
    started = time.perf_counter()
    with LocalAws() as aws:
        app = deploy(aws, folder, "sqs")
        assert app.invoke("Source", {}).deliveries[0].read_back
        row("from nothing to the first record read back", f"{time.perf_counter() - started:.2f} s", "under 3 s")


def measure_services(aws: LocalAws, folder: Path) -> None:
    """One warm invocation against the plain calls that it stands on."""
    for service in ACTIONS:
        with deploy(aws, folder, service) as app:
            invoke, send = plain_calls(aws, app, service)
            plain = median(invoke) + median(send)
            failing = median(lambda app=app: app.invoke("Source", {"fail": True}))
            if service == "s3":
                row("s3: one that fails, delivered and read back", f"{failing * 1000:.1f} ms", times(failing / plain))
                continue
            whole = median(lambda app=app: app.invoke("Source", {}))
            row(f"{service}: one invocation, delivered and read back", f"{whole * 1000:.1f} ms", times(whole / plain))
            row(f"{service}: one that fails, to one that succeeds", f"{failing * 1000:.1f} ms", times(failing / whole))


def measure_threads(aws: LocalAws, folder: Path) -> None:
    """Eight threads, against eight threads of plain invocations."""
    with deploy(aws, folder, "sqs") as app, ThreadPoolExecutor(8) as pool:
        invoke, send = plain_calls(aws, app, "sqs")
        rates = []
        for call in (lambda: (invoke(), send()), lambda: app.invoke("Source", {})):
            list(pool.map(lambda _, call=call: call(), range(16)))
            started = time.perf_counter()
            list(pool.map(lambda _, call=call: call(), range(160)))
            rates.append(160 / (time.perf_counter() - started))
        row("8 threads, against 8 threads of plain calls", f"{rates[1]:.0f} a second", times(rates[1] / rates[0]))


def measure_tests(aws: LocalAws, folder: Path) -> None:
    """What a hundred tests that deploy, invoke and clear up cost."""
    started = time.perf_counter()
    for _ in range(100):
        with deploy(aws, folder, "sqs") as app:
            app.invoke("Source", {})
    row("100 tests on one engine", f"{time.perf_counter() - started:.1f} s", "under 20 s")


def main() -> int:
    """Print the table."""
    row("what", "here", "ratio, or goal")
    row("---", "---", "---")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_start(folder)
        with LocalAws() as aws:
            measure_services(aws, folder)
            measure_threads(aws, folder)
            measure_tests(aws, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
