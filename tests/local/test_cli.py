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
from local.conftest import QUEUE


@pytest.fixture
def app(template):
    template.source("success", template.queue(), "sqs")
    template.configure(on_success=QUEUE, on_failure=QUEUE)
    return template.write()


def run(*arguments):
    return cli.main(["run", *map(str, arguments)])


def test_the_tree_is_printed(app, capsys):
    """One line for each run, and one for each delivery."""
    assert run(app, "Source", '{"Success": true}') == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Source:$LATEST  Success, 1 attempt"
    assert second.startswith("└─ on success → Queue: message ")
    assert second.endswith("… (read back: equal, sqs:SendMessage allowed)")


def test_a_failure_is_not_an_error_if_its_record_arrives(app, capsys):
    """The tree shows the error that the handler raised."""
    assert run(app, "Source", '{"Success": false}') == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "Source:$LATEST  RetriesExhausted, 3 attempts  ValueError: it was not to be"


def test_a_lost_record_makes_the_status_1(template, capsys):
    """The tree shows LOST, and standard error shows what to do."""
    template.source("success", "arn:aws:events:us-east-1:000000000000:event-bus/nowhere", "events")
    assert run(template.write(), "Source") == 1
    printed = capsys.readouterr()
    assert "└─ on success → nowhere: LOST, " in printed.out
    assert printed.err.startswith("lost: on success → nowhere: arn:aws:events")


def test_the_tree_is_printed_as_json(app, capsys):
    """With the record of each run."""
    assert run(app, "Source", "--json") == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["condition"] == "Success"
    assert tree["record"]["requestPayload"] == {}
    assert tree["deliveries"][0]["readBack"] is True


def test_the_payload_may_be_a_file_or_standard_input(app, tmp_path, capsys, monkeypatch):
    """As `@FILE` and as `-`."""
    payload = tmp_path / "payload.json"
    payload.write_bytes(b"\xef\xbb\xbf[1,  2]\n")
    assert run(app, "Source", f"@{payload}", "--json") == 0
    assert json.loads(capsys.readouterr().out)["record"]["requestPayload"] == [1, 2]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'"text"')))
    assert run(app, "Source", "-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["record"]["requestPayload"] == "text"


def test_what_cannot_run_is_unknown_and_has_a_status_of_its_own(template, capsys):
    """It is neither lost nor delivered. The tree and standard error each say so once."""
    template.function(Runtime="java21")
    assert run(template.write(), "Source") == 3
    printed = capsys.readouterr()
    assert printed.out.startswith("Source:$LATEST  not run: the engine runs no java21 functions")
    assert printed.err.startswith("unknown: Source:$LATEST: the engine runs no java21 functions")
    assert "note:" not in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cdk.out.that.is.not", "Source"), r"error: there is no cdk.out.that.is.not; synthesize the app first"),
        ((None, "Sauce"), "error: there is no function 'Sauce'; close to it: Source"),
        ((None, "Source", "{"), "error: the payload is not JSON"),
        ((None, "Source", "@nowhere.json"), "error: cannot read the payload @nowhere.json"),
        ((None, "Source", "--stack", "Other"), "error: there is no stack 'Other'; the stacks are: Stack"),
        ((None, "Source", "--parameter", "A=1"), "error: no stack has a parameter A; they have none"),
        ((None, "Source", "--endpoint-url", "https://amazonaws.com"), "error: https://amazonaws.com is not on this"),
    ],
)
def test_bad_input_is_one_line_and_status_2(app, capsys, arguments, message):
    """There is no stack trace."""
    assert run(*(app if each is None else each for each in arguments)) == 2
    assert capsys.readouterr().err.splitlines()[0].startswith(message)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interruption_leaves_nothing_behind(template, number, tmp_path):
    """One word, status 130, no process and no folder."""
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


def test_only_a_terminal_gets_colours(app, capsys, monkeypatch):
    """The lines stay the same."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert run(app, "Source") == 0
    assert "\x1b[32m└─ on success" in capsys.readouterr().out


def shell(command, **environment):
    """The status and the output of the command in a shell."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("$PY", f"{sys.executable} -m lambda_destinations")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_pipe_that_is_closed_early_changes_nothing(app):
    """There is no traceback, and the status is that of the run."""
    status, out, err = shell(f"$PY run {app} Source --json | head -1")
    assert (status, out, err) == (0, b"{\n", b"")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
def test_an_output_that_cannot_encode_arrows_gets_ascii(app, encoding):
    """The tree and the JSON."""
    for option in ("", "--json"):
        status, out, err = shell(f"$PY run {app} Source {option}", PYTHONIOENCODING=encoding)
        assert (status, err) == (0, b"")
        assert out.decode(encoding)


def test_no_color_removes_every_escape_sequence(app, capsys, monkeypatch):
    """Also on a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(app, "Source") == 0
    assert "\x1b" not in capsys.readouterr().out


def test_errors_are_json_where_json_is_asked_for(app, capsys):
    """They have a type and a message, which is also on standard error."""
    assert run(app, "Sauce", "--json") == 2
    printed = capsys.readouterr()
    error = json.loads(printed.out)["error"]
    assert error["type"] == "UnknownName"
    assert error["message"] in printed.err
    with pytest.raises(SystemExit):
        cli.main(["run", "--json"])
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "Usage"


def test_a_payload_is_refused_before_anything_is_deployed(tmp_path, capsys):
    """The app in this test does not even exist."""
    assert run(tmp_path / "nothing", "Source", "{") == 2
    assert capsys.readouterr().err.startswith("error: the payload is not JSON")


def test_a_fault_of_ours_does_not_look_like_a_verdict(app, capsys, monkeypatch):
    """One line that says how to report it."""
    monkeypatch.setattr("lambda_destinations.local.LocalAws.deploy", lambda *_, **__: 1 / 0)
    assert run(app, "Source") == 70
    assert capsys.readouterr().err.startswith("crash: ZeroDivisionError: division by zero; this is a fault of lambda-d")


def test_an_error_with_line_breaks_is_readable_in_80_columns(template, capsys, monkeypatch):
    """On a terminal the error is wrapped; elsewhere it is one line."""
    code = "def handler(event, context): raise ValueError('first' + chr(10) + 'second ' * 40)"
    template.source("failure", template.queue(), "sqs", code=code)
    path = template.write()
    assert run(path, "Source") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    assert run(path, "Source") == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) > 3


def test_logs_shows_what_the_handlers_printed(template, capsys):
    """Each line with its attempt."""
    template.source("failure", template.queue(), "sqs", code="def handler(e, c):\n    print('hello')\n    1 / 0")
    assert run(template.write(), "Source", "--logs") == 0
    assert [line for line in capsys.readouterr().out.splitlines() if "hello" in line] == [
        f"│    {number}| hello" for number in (1, 2, 3)
    ]


def test_a_name_is_accepted_as_it_is_printed(template, capsys):
    """An alias is shown as `Live:live`."""
    template.source("success", template.queue(), "sqs")
    template.alias()
    assert run(template.write(), "Live") == 0
    assert capsys.readouterr().out.startswith("Live:live  ")
    assert run(template.write(), "Live:live") == 0


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("lambda-destinations ")
