"""The command, as a user runs it."""

import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from lambda_destinations import cli

QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}


@pytest.fixture
def app(template):
    template.source("success", template.queue(), "sqs")
    template.configure(on_success=QUEUE, on_failure=QUEUE)
    return template.write()


def run(*arguments):
    return cli.main(["run", *map(str, arguments)])


def test_the_tree_is_printed(app, capsys):
    """One line a run, one a delivery."""
    assert run(app, "Source", '{"Success": true}') == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Source:$LATEST  Success, 1 attempt"
    assert second.startswith("└─ on success → Queue: message ")
    assert second.endswith("… (read back: equal, sqs:SendMessage allowed)")


def test_a_failure_is_no_error_if_its_record_arrives(app, capsys):
    """The error that the handler raised stands in the tree."""
    assert run(app, "Source", '{"Success": false}') == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "Source:$LATEST  RetriesExhausted, 3 attempts  ValueError: it was not to be"


def test_a_lost_record_makes_the_status_1(template, capsys):
    """The tree says LOST, and standard error says what to do."""
    template.source("success", "arn:aws:events:us-east-1:000000000000:event-bus/nowhere", "events")
    assert run(template.write(), "Source") == 1
    printed = capsys.readouterr()
    assert "└─ on success → nowhere: LOST, " in printed.out
    assert printed.err.startswith("lost: on success → nowhere: arn:aws:events")


def test_the_tree_as_json(app, capsys):
    """With the record of each run."""
    assert run(app, "Source", "--json") == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["condition"] == "Success"
    assert tree["record"]["requestPayload"] == {}
    assert tree["deliveries"][0]["readBack"] is True


def test_the_payload_may_be_a_file_or_standard_input(app, tmp_path, capsys, monkeypatch):
    """@FILE and -."""
    payload = tmp_path / "payload.json"
    payload.write_bytes(b"\xef\xbb\xbf[1,  2]\n")
    assert run(app, "Source", f"@{payload}", "--json") == 0
    assert json.loads(capsys.readouterr().out)["record"]["requestPayload"] == [1, 2]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'"text"')))
    assert run(app, "Source", "-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["record"]["requestPayload"] == "text"


def test_what_was_left_out_is_noted(template, capsys):
    """On standard error."""
    template.function(Runtime="java21")
    assert run(template.write(), "Source") == 1
    assert capsys.readouterr().err.startswith("note: Stack/Source cannot run here: the engine runs no java21 functions")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cdk.out.that.is.not", "Source"), r"error: there is no cdk.out.that.is.not; synthesize the app first"),
        ((None, "Sauce"), "error: there is no function 'Sauce'; close to it: Source"),
        ((None, "Source", "{"), "error: the payload is not JSON"),
        ((None, "Source", "@nowhere.json"), "error: cannot read the payload @nowhere.json"),
        ((None, "Source", "--stack", "Other"), "error: there is no stack 'Other'; there: Stack"),
        ((None, "Source", "--parameter", "A=1"), "error: stack Stack has no parameter A; it has none"),
        ((None, "Source", "--endpoint-url", "https://amazonaws.com"), "error: https://amazonaws.com is not on this"),
    ],
)
def test_bad_input_is_one_line_and_status_2(app, capsys, arguments, message):
    """No stack trace."""
    assert run(*(app if each is None else each for each in arguments)) == 2
    assert capsys.readouterr().err.splitlines()[0].startswith(message)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interruption_leaves_nothing_behind(template, number, tmp_path):
    """A clear word, status 130, no process and no folder."""
    template.function(code="import time\ndef handler(e, c): time.sleep(60)", Timeout=60)
    code = "import sys; from lambda_destinations.cli import main; sys.exit(main())"
    private = tmp_path / "private"
    private.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-c", code, "run", str(template.write()), "Source"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(private)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not list(private.glob("*/ministack-provided-code-*/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(number)
    _, printed = child.communicate(timeout=20)
    assert child.returncode == 130
    assert printed == "interrupted\n"
    assert list(private.iterdir()) == []


def test_colours_are_for_terminals(app, capsys, monkeypatch):
    """The same lines; what was lost is red."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert run(app, "Source") == 0
    assert "\x1b[32m└─ on success" in capsys.readouterr().out
