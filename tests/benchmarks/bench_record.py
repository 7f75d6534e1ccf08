"""What reading a record costs, as ratios in Markdown: `python tests/benchmarks/bench_record.py`.

The comparison with pydantic needs `pip install pydantic`; without it those rows are left out.
"""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from lambda_destinations import InvocationRecord

PYDANTIC_MODEL = """
from datetime import datetime
from enum import Enum
from typing import Any
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

class Condition(str, Enum):
    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"
    ZERO_RESERVED_CONCURRENCY = "ZeroReservedConcurrency"

class Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel)

class RequestContext(Part):
    request_id: StrictStr
    function_arn: StrictStr = Field(pattern="^arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(:[^:]+)?$")
    condition: Condition | StrictStr
    approximate_invoke_count: StrictInt = Field(ge=0)

class ResponseContext(Part):
    status_code: StrictInt | None = None
    executed_version: StrictStr | None = None
    function_error: StrictStr | None = None

class Record(Part):
    version: StrictStr
    timestamp: datetime
    request_context: RequestContext
    request_payload: Any = None
    response_context: ResponseContext | None = None
    response_payload: Any = None
    _text: str = PrivateAttr()

    @classmethod
    def from_json(cls, text: str):
        record = cls.model_validate_json(text)
        record._text = text  # or no payload comes back as it was written
        return record
"""
MEASURED = """
import time
start = time.perf_counter()
{}
took = time.perf_counter() - start
with open("/proc/self/status") as status:  # getrusage tells the peak of whoever started the process, too
    print(took, *(line.split()[1] for line in status if line.startswith("VmRSS:")))
"""


def document(size: int, *, spaced: bool = False) -> str:
    """A failed record of about `size` characters."""
    orders: list[Any] = []
    record = {
        "version": "1.0",
        "timestamp": "2026-09-14T15:23:02.161Z",
        "requestContext": {
            "requestId": "5f2c1a0e-93d4-4c1b-8a76-2b1f0c9de401",
            "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"orders": orders},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {
            "errorMessage": "no stock for o-17",
            "errorType": "ValueError",
            "requestId": "5f2c1a0e-93d4-4c1b-8a76-2b1f0c9de401",
            "stackTrace": ['  File "/var/task/orders.py", line 12, in handler\n    raise ValueError(order)\n'],
        },
    }
    separators = (", ", ": ") if spaced else (",", ":")
    order = {"id": "o-17", "lines": 2, "price": 12.5, "open": True, "note": "leave it with the neighbours"}
    room = size - len(json.dumps(record, separators=separators))
    orders.extend([order] * (room // (len(json.dumps(order, separators=separators)) + 1)))
    return json.dumps(record, separators=separators)


def with_one_more(text: str) -> dict[str, str]:
    """The record with a member that AWS may add one day, by where it stands."""
    more = {"newMember": "x-1"}
    whole = json.loads(text)
    changed = {"before all": more | whole, "after all": whole | more}
    for name in ("requestContext", "responseContext"):
        changed[f"first in {name}"] = whole | {name: more | whole[name]}
        changed[f"last in {name}"] = whole | {name: whole[name] | more}
    return {place: json.dumps(each, separators=(",", ":")) for place, each in changed.items()}


def best(reads: list[Callable[[], object]], times: int, rounds: int) -> list[float]:
    """The best time of each, in seconds; in turns, so that a noisy neighbour meets all of them."""
    fastest = [float("inf")] * len(reads)
    for _ in range(rounds):
        for index, read in enumerate(reads):
            start = time.perf_counter()
            for _ in range(times):
                read()
            fastest[index] = min(fastest[index], (time.perf_counter() - start) / times)
    return fastest


def started(code: str, rounds: int = 9) -> tuple[float, float]:
    """The time that the code takes in a bare interpreter, in ms, and the memory that this then has, in MB."""
    command = [sys.executable, "-I", "-c", MEASURED.format(code)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(rounds)]
    return min(float(run[0]) for run in runs) * 1000, min(int(run[1]) for run in runs) / 1024


def main() -> None:
    """Print the tables."""
    with_pydantic = importlib.util.find_spec("pydantic") is not None
    scope: dict[str, Any] = {}
    if with_pydantic:
        exec(PYDANTIC_MODEL, scope)  # noqa: S102 - the same text is timed in a bare interpreter below
    print(f"Python {sys.version.split()[0]}\n")
    print("| record | `json.loads` | `from_json` | ratio (target 1.5) | pydantic | ours / pydantic |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, size, times, rounds in (
        ("1 KB", 1_000, 300, 150),
        ("10 KB", 10_000, 60, 100),
        ("1 MB", 1_000_000, 1, 30),
    ):
        for spaced in (False, True):
            text = document(size, spaced=spaced)
            reads: list[Callable[[], object]] = [
                lambda text=text: json.loads(text),  # type: ignore[misc]
                lambda text=text: InvocationRecord.from_json(text),  # type: ignore[misc]
            ]
            if with_pydantic:
                reads.append(lambda text=text: scope["Record"].from_json(text))  # type: ignore[misc]
            loads, ours, *other = (seconds * 1e6 for seconds in best(reads, times, rounds))
            compared = f"{other[0]:.1f} µs | {ours / other[0]:.2f}" if other else "- | -"
            kind = f"{name}, {'spaced' if spaced else 'as AWS writes it'}"
            print(f"| {kind} | {loads:.1f} µs | {ours:.1f} µs | {ours / loads:.2f} | {compared} |")
    print("\n| one member more, 1 KB | `json.loads` | `from_json` | ratio |\n| --- | --- | --- | --- |")
    for place, text in with_one_more(document(1_000)).items():
        loads, ours = (
            seconds * 1e6
            for seconds in best(
                [
                    lambda text=text: json.loads(text),  # type: ignore[misc]
                    lambda text=text: InvocationRecord.from_json(text),  # type: ignore[misc]
                ],
                300,
                50,
            )
        )
        print(f"| {place} | {loads:.1f} µs | {ours:.1f} µs | {ours / loads:.2f} |")
    bare = started("pass")
    print("\n| import | time over a bare `python -I` | memory over it |\n| --- | --- | --- |")
    imports = {"`InvocationRecord` (target 25 ms, 5 MB)": "from lambda_destinations import InvocationRecord"}
    imports["`records_in`"] = "from lambda_destinations import records_in"
    imports["`json`, `dataclasses`, `datetime` alone"] = "import json, dataclasses, datetime"
    if with_pydantic:
        imports["the pydantic model"] = PYDANTIC_MODEL
    for name, code in imports.items():
        took, memory = started(code)
        print(f"| {name} | {took - bare[0]:.1f} ms | {memory - bare[1]:.1f} MB |")


if __name__ == "__main__":
    main()
