"""Killed at any moment no event is lost; refused, it is tried again; interrupted, it ends cleanly."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from lambda_destinations.redrive import redrive
from redrive.conftest import size
from support.records import record

KILLS = size("KILLS", 5)  # LAMBDA_DESTINATIONS_KILLS=50 is the long proof
COMMAND = [sys.executable, "-c", "import sys; from lambda_destinations.cli import main; sys.exit(main())", "redrive"]


def start(world, *options):
    command = [*COMMAND, world.name, "--yes", "--endpoint-url", world.url, "--visibility", "2", *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_killed_at_any_moment_no_event_is_lost(world, capsys):
    total = 16 * KILLS
    world.put(*(record({"n": n}).to_json() for n in range(total)))
    for _ in range(KILLS):
        child = start(world, "--rate", "40/s")
        time.sleep(random.uniform(0.4, 1.6))  # noqa: S311  (any moment will do)
        child.kill()
        child.communicate()
    time.sleep(3)  # what the last one had becomes visible
    report = redrive(world.name, endpoint_url=world.url)
    assert report.complete
    arrived = [each["n"] for each in world.arrived(total)]
    assert set(arrived) == set(range(total))
    assert world.visible() == []
    with capsys.disabled():
        if KILLS > 5:
            print(f"{KILLS} kills, {total} events, {len(arrived) - total} duplicates")


@pytest.mark.parametrize(("total", "presses"), [(200, 1), (20, 1), (20, 2)])
def test_ctrl_c_ends_cleanly_with_the_report_so_far(world, tmp_path, total, presses):
    """Also where the scan has ended and the last ones are being sent, and pressed twice."""
    world.put(*(record({"n": n}).to_json() for n in range(total)))
    child = start(world, "--rate", "5/s", "--report", str(tmp_path / "lines.jsonl"))
    while len(world.arrived(3)) < 3:
        pass
    for _ in range(presses):
        child.send_signal(signal.SIGINT)
        time.sleep(0.1)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    sent, deleted = (int(part.split()[0]) for part in out.splitlines()[0].split(", ")[:2])
    assert total > sent == deleted >= 3
    assert len(world.visible()) == total - sent  # at once
    assert len(world.arrived(sent)) == sent
    assert (tmp_path / "lines.jsonl").read_text().count('"event": "sent"') == sent


def test_throttled_and_failing_calls_are_tried_again(world, proxy):
    """One call in twenty, of every kind."""
    calls = iter(range(10**6))

    def refuse(_what, _body):
        number = next(calls)
        if number % 20:
            return None
        return (429, "TooManyRequestsException") if number % 40 else (500, "ServiceException")

    world.put(*(record({"n": n}).to_json() for n in range(100)))
    report = redrive(world.name, endpoint_url=proxy(refuse))
    assert (report.sent, report.deleted, report.complete) == (100, 100, True)
    assert report.retries
    assert world.visible() == []
    assert {each["n"] for each in world.arrived(100)} == set(range(100))


def test_a_function_that_takes_nothing_for_long_keeps_its_records_and_the_others_go_on(world, proxy, monkeypatch):
    from lambda_destinations.redrive import _send

    monkeypatch.setattr(_send, "_LONGEST", 0.01)
    world.add_function("other")
    world.put(*(record({"n": n}, function="redriven" if n % 2 else "other").to_json() for n in range(30)))
    throttled = proxy(lambda what, _: (429, "TooManyRequestsException") if "redriven/invocations" in what else None)
    report = redrive(world.name, endpoint_url=throttled)
    assert (report.sent, report.complete, sum(report.left.values())) == (15, False, 15)
    (note,) = report.notes
    assert "redriven:$LATEST: Lambda took no event in 12 attempts: TooManyRequestsException" in note
    assert len(world.visible()) == 15


def test_an_answer_that_never_comes_is_not_an_answer(world, proxy):
    """The engine has the event, and the client knows nothing of it: it is sent again."""
    dropped = []

    def refuse(what, body):
        if what.endswith("/invocations") and not dropped:
            dropped.append(json.loads(body))
            raise ConnectionAbortedError

    world.put(record({"n": 1}).to_json())
    report = redrive(world.name, endpoint_url=proxy(refuse))
    assert (report.sent, report.retries) == (1, 1)
    assert dropped == [{"n": 1}]
