"""How fast redrive sends, beside plain boto3 threads that make the same calls, and how much memory it takes.

    python tests/benchmarks/bench_redrive.py [--records 10000] [--rounds 1] [--sizes 1000 10000 100000]

Prints Markdown tables. The engine walks through all messages of a queue at each call, so that a long queue is slow
there: a plain loop over receive_message takes as long as a list of ours, and stands beside it.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_destinations.local import LocalAws
from lambda_destinations.redrive import redrive
from redrive.conftest import World
from support.records import record

THREADS = 16
# VmHWM and not getrusage's ru_maxrss, in which the parent's memory counts, too.
PEAK = """
import json, sys
from lambda_destinations.redrive import redrive
report = redrive(sys.argv[1], endpoint_url=sys.argv[2], **json.loads(sys.argv[3]))
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([report.scanned, report.sent, int(peak) / 1024]))
"""


def in_threads(make: Callable[[int], Any], count: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(make, range(count)))


def fill_queue(world: World, count: int) -> None:
    bodies = [record({"n": n}).to_json() for n in range(1000)]
    in_threads(lambda n: world.put(*(bodies[(n * 10 + each) % 1000] for each in range(10))), count // 10)


def fill_bucket(world: World, count: int) -> None:
    def put(n: int) -> None:
        body = record({"n": n}).to_json()
        world.s3.put_object(Bucket=world.bucket, Key=f"aws/lambda/async/redriven/{n:06}", Body=body)

    in_threads(put, count)


def plain(world: World) -> dict[str, Any]:
    config = Config(max_pool_connections=THREADS + 8)
    return {name: boto3.client(name, endpoint_url=world.url, config=config) for name in ("sqs", "s3", "lambda")}


def payload(text: str | bytes) -> bytes:
    return json.dumps(json.loads(text)["requestPayload"]).encode()


def plain_queue(world: World) -> int:
    """Receive, invoke, delete, in one loop for each thread."""
    clients, sent, lock = plain(world), 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal sent
        while True:
            messages = (
                clients["sqs"]
                .receive_message(QueueUrl=world.queue, MaxNumberOfMessages=10, VisibilityTimeout=60)
                .get("Messages", [])
            )
            if not messages:
                return
            for message in messages:
                body = payload(message["Body"])
                clients["lambda"].invoke(FunctionName="redriven", InvocationType="Event", Payload=body)
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
            clients["sqs"].delete_message_batch(QueueUrl=world.queue, Entries=entries)
            with lock:
                sent += len(messages)

    in_threads(work, THREADS)
    return sent


def plain_bucket(world: World) -> int:
    """List, then for each object get it, get and put a count as redrive does, invoke, and delete it."""
    clients = plain(world)
    keys = world.objects()

    def work(n: int) -> None:
        body = payload(clients["s3"].get_object(Bucket=world.bucket, Key=keys[n])["Body"].read())
        with contextlib.suppress(ClientError):
            clients["s3"].get_object(Bucket=world.bucket, Key=f"counts/{n}")
        clients["lambda"].invoke(FunctionName="redriven", InvocationType="Event", Payload=body)
        clients["s3"].put_object(Bucket=world.bucket, Key=f"counts/{n}", Body=b"1")

    in_threads(work, len(keys))
    for start in range(0, len(keys), 50):
        objects = [{"Key": key} for key in keys[start : start + 50]]
        clients["s3"].delete_objects(Bucket=world.bucket, Delete={"Objects": objects, "Quiet": True})
    return len(keys)


def ours(world: World, source: str) -> int:
    return redrive(source, endpoint_url=world.url, concurrency=THREADS).sent


def settled(world: World, before: int, count: int) -> None:
    """Wait until the engine has run what it was given, so that one round does not slow down the next."""
    while len(world.log.read_bytes().splitlines()) < before + count:
        time.sleep(0.2)


def throughput(world: World, records: int, rounds: int) -> None:
    print(f"| {records} records in a | redrive / plain threads, events in a second |\n| --- | --: |")
    for kind, fill, theirs, source in (
        ("queue", fill_queue, plain_queue, world.name),
        ("bucket", fill_bucket, plain_bucket, f"s3://{world.bucket}/aws/"),
    ):
        ratios = []
        for _ in range(rounds):
            speeds = []
            for run in (partial(ours, world, source), partial(theirs, world)):
                fill(world, records)
                before = len(world.log.read_bytes().splitlines())
                started = time.perf_counter()
                sent = run()
                speeds.append(sent / (time.perf_counter() - started))
                assert sent == records, (kind, sent)
                settled(world, before, records)
            ratios.append(speeds[0] / speeds[1])
        print(f"| {kind} | {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |", flush=True)


def memory(world: World, sizes: list[int]) -> None:
    print(
        "\n| messages in a queue | listed: peak memory | seconds | a plain loop, seconds |\n| --: | --: | --: | --: |"
    )
    for size in sizes:
        world.name = f"{world.name.split('-')[0]}-{size}"
        world.queue = world.new_queue(world.name)
        fill_queue(world, size)
        started = time.perf_counter()
        command = [sys.executable, "-c", PEAK, world.name, world.url, '{"dry_run": true}']
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        seconds = time.perf_counter() - started
        scanned, _, peak = json.loads(done.stdout)
        assert scanned == size, (scanned, size)
        started = time.perf_counter()
        while world.sqs.receive_message(QueueUrl=world.queue, MaxNumberOfMessages=10, VisibilityTimeout=3600).get(
            "Messages"
        ):
            pass
        print(f"| {size} | {peak:.0f} MB | {seconds:.0f} | {time.perf_counter() - started:.0f} |", flush=True)
        world.sqs.delete_queue(QueueUrl=world.queue)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000])
    chosen = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    with LocalAws() as aws, tempfile.TemporaryDirectory() as folder:
        world = World(aws, Path(folder))
        world.add_function("redriven")
        if chosen.rounds:
            throughput(world, chosen.records, chosen.rounds)
        memory(world, chosen.sizes)


if __name__ == "__main__":
    main()
