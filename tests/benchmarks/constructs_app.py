"""One app for the benchmark, as a process of its own: `constructs_app.py MODULE FUNCTIONS none|plain|response_only`.

Prints its import seconds and the peak memory of itself and of Node, in MB, as JSON.
"""

import importlib
import json
import sys
import tempfile
import time
from pathlib import Path

FUNCTIONS_PER_STACK = 60


def peak_megabytes():
    """Sum the peaks of this process and of its children (jsii's Node); Linux only."""
    children = Path("/proc/self/task").glob("*/children")
    pids = ["self", *(pid for path in children for pid in path.read_text().split())]
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def main(module, functions, mode):
    started = time.perf_counter()
    import aws_cdk.aws_lambda as lambda_
    import aws_cdk.aws_sns as sns
    import aws_cdk.aws_sqs as sqs

    try:
        import aws_cdk.core as cdk
    except ImportError:
        import aws_cdk as cdk

    below = time.perf_counter()
    d = importlib.import_module(module) if mode != "none" else None
    if d:
        d.SnsDestination, d.SqsDestination, d.LambdaDestination  # noqa: B018  (ours loads names on first use)
    imported = time.perf_counter()

    app = cdk.App(outdir=tempfile.mkdtemp(), analytics_reporting=False)
    code = lambda_.Code.from_inline("def handler(event, context): return event")
    runtime = lambda_.Runtime("python3.13", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True)
    props = {"code": code, "runtime": runtime, "handler": "index.handler"}
    for n in range(functions):
        if n % FUNCTIONS_PER_STACK == 0:
            stack = cdk.Stack(app, f"Stack{n}")
            topic, queue = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue")
            target = lambda_.Function(stack, "Target", **props)
            both = {}
            if mode == "plain":
                both = {"on_success": d.SnsDestination(topic), "on_failure": d.SqsDestination(queue)}
            elif mode == "response_only":
                both = {
                    "on_success": d.LambdaDestination(target, response_only=True),
                    "on_failure": d.LambdaDestination(target, response_only=True),
                }
        lambda_.Function(stack, f"Fn{n}", **props, **both)
    app.synth()
    json.dump({"import": imported - below, "import_all": imported - started, "peak": peak_megabytes()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
