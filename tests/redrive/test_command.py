"""The command asks before it sends, says where to, and its exit status says whether all that matched was sent."""

import json
import os
import pty
import subprocess
import sys
import time

import pytest

from lambda_destinations import cli
from redrive.test_killed import COMMAND
from support.records import record


def run(world, *options):
    return cli.main(["redrive", world.name, "--endpoint-url", world.url, *options])


def test_it_asks_before_it_sends(world, capsys):
    world.put(record(1).to_json())
    assert run(world) == 2
    assert "nothing is sent without --yes" in capsys.readouterr().err
    assert run(world, "--yes") == 0
    assert capsys.readouterr().out.startswith("1 of 1 sent, 1 deleted, 0 quarantined")


def at_a_terminal(world, answer, *options):
    """The command on a terminal of its own, and what it showed there."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "200"}
    command = [*COMMAND, world.name, "--endpoint-url", world.url, *options]
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return child.wait(), shown.decode()


def test_the_prompt_names_function_region_account_and_count(world):
    world.put(record({"n": 1}).to_json(), record({"n": 2}).to_json(), "garbage")
    status, shown = at_a_terminal(world, "no")
    assert status == 2
    prompt = "Send 2 events, and delete their records: 2 to redriven:$LATEST in us-east-1, account 000000000000? [y/N]"
    assert prompt in shown
    assert "3 of about 3 scanned" in shown  # the bar
    assert "not confirmed, so nothing was sent" in shown
    assert len(world.visible()) == 3


def test_a_yes_at_the_prompt_sends(world):
    world.put(record({"n": 1}).to_json())
    status, shown = at_a_terminal(world, "y", "--to", "redriven")
    assert status == 0
    assert "1 to redriven:$LATEST in us-east-1, account 000000000000? [y/N]" in shown
    assert "1 of 1 sent, 1 deleted" in shown
    assert world.arrived(1) == [{"n": 1}]


def test_what_arrives_while_it_asks_is_not_sent(world):
    world.put(record({"n": 1}).to_json())
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "dumb"}
    command = [*COMMAND, world.name, "--endpoint-url", world.url]
    child = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True)
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(ours, 4096)
    time.sleep(2)  # the queue's clock is read in whole seconds
    world.put(record({"n": 2}).to_json())
    os.write(ours, b"y\n")
    assert child.communicate()[0].splitlines()[-2:] == [
        "1 of 1 sent, 1 deleted, 0 quarantined",
        "       1  came after the scan began",
    ]
    for end in (ours, theirs):
        os.close(end)
    assert [json.loads(body)["requestPayload"] for body in world.visible()] == [{"n": 2}]


def test_a_pipe_gets_plain_lines(world, capsys, monkeypatch):
    from lambda_destinations.redrive import _terminal

    monkeypatch.setattr(_terminal, "_EVERY", 0.0)
    world.put(*(record({"n": n}).to_json() for n in range(3)))
    assert run(world, "--yes") == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "3 of about 3 scanned, 3 matched, 3 sent" in lines


def test_the_list_groups_and_counts(world, capsys):
    world.put(
        *(record(n).to_json() for n in range(3)),
        record(4, response_payload={"errorType": "KeyError"}).to_json(),
        "garbage",
    )
    assert run(world, "--list") == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"{world.name}: 5 scanned, 4 matched, 1 cannot be sent"
    assert [line.split()[:4] for line in lines[:2]] == [
        ["3", "redriven:$LATEST", "RetriesExhausted", "ValueError"],
        ["1", "redriven:$LATEST", "RetriesExhausted", "KeyError"],
    ]
    assert lines[2].split(maxsplit=1) == [
        "1",
        "cannot be sent: got invalid JSON at character 0 in 'Body', wanted JSON (a value)",
    ]
    assert len(world.visible()) == 5


def test_the_list_of_an_empty_queue_says_so(world, capsys):
    assert run(world, "--list") == 0
    assert capsys.readouterr().out == f"{world.name}: 0 scanned, 0 matched, 0 cannot be sent\n"


def test_a_dry_run_says_where_to(world, capsys):
    world.put(record(1).to_json())
    assert run(world, "--dry-run") == 0
    assert "1  would go to redriven:$LATEST in us-east-1, account 000000000000" in capsys.readouterr().out


def test_the_exit_status_says_whether_all_was_sent(world):
    world.put(record(1).to_json(), record(2, function="gone").to_json())
    assert run(world, "--yes") == 1
    assert run(world, "--yes", "--function", "redriven") == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--report", "/nowhere/at/all"], "cannot write /nowhere/at/all: No such file or directory"),
        (["--export", "/dev/null/copies"], "cannot write /dev/null"),
        (["--where", "["], "is not a JMESPath expression"),
        (["--visibility", "50000"], "visibility=50000 is not what SQS takes"),
        (["--profile", "nobody"], "The config profile (nobody) could not be found"),
        (["--to", "nobody"], "cannot find the function nobody"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_an_error_of_the_user_is_one_line(world, capsys, options, says):
    world.put(record(1).to_json())
    assert run(world, "--yes", *options) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error
    assert len(world.visible()) == 1


@pytest.mark.parametrize(
    "option", [["--rate", "fast"], ["--rate", "0/s"], ["--limit", "0"], ["--since", "yesterday"], ["--canary", "-1"]]
)
def test_an_option_that_cannot_be_read_is_a_usage_error(option, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["redrive", "failures", *option])
    assert ended.value.code == 2
    assert option[0] in capsys.readouterr().err
