"""A killed engine, a full disk, bad answers, bad handlers: each is an error of ours, and nothing is left behind."""

import contextlib
import http.server
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lambda_destinations.errors import EngineError, LambdaDestinationsError
from lambda_destinations.local import LocalAws
from lambda_destinations.local._engine._guard import Guard

MOMENTS = 20
SOON = 10  # seconds


def left_of(folder):
    """The programs of the processes that have a folder in their environment or command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (path / "cmdline").read_bytes() + b"\0" + (path / "environ").read_bytes()
            if str(folder).encode() in words:
                found.append(words.split(b"\0")[0].decode())
    return found


def kill_at(monkeypatch, aws, moment):
    """Kill the engine before call number `moment` of its API. The returned list has one item for each call."""
    call, calls = Guard.call, []

    @contextlib.contextmanager
    def counted(self):
        calls.append(1)
        if len(calls) == moment:
            os.killpg(aws._engine.pid, signal.SIGKILL)
            while aws.alive:
                time.sleep(0.001)
        with call(self):
            yield

    monkeypatch.setattr(Guard, "call", counted)
    return calls


def flow(template):
    """An app with several kinds of resources: a rule, a subscription, a bucket, reserved concurrency."""
    queue, topic = template.queue(), template.topic()
    template.add("Sub", "AWS::SNS::Subscription", Protocol="sqs", TopicArn=topic, Endpoint=queue)
    template.source("failure", topic, "sns", ReservedConcurrentExecutions=2)
    template.add("Bucket", "AWS::S3::Bucket")
    template.add("Rule", "AWS::Events::Rule", EventPattern={"source": ["lambda"]}, Targets=[{"Id": "1", "Arn": queue}])
    return template.write()


@pytest.mark.parametrize("what", ["deploy", "invoke", "close"])
def test_an_engine_that_is_killed_at_any_moment_is_an_error_of_ours(template, monkeypatch, what):
    """The moments are calls of its API, so that each step is tested. Nothing is left after `close`."""
    path = flow(template)

    def act(aws, moment):
        app = aws.deploy(path) if what != "deploy" else None
        with monkeypatch.context() as patch:
            calls = kill_at(patch, aws, moment)
            if app is None:
                aws.deploy(path)
            elif what == "invoke":
                app.invoke("Source", {"Success": False})
            else:
                app.close()
        return len(calls)

    with LocalAws() as aws:
        total = act(aws, 0)
    moments = random.Random(9).sample(range(1, total + 1), min(MOMENTS if what != "close" else 5, total))  # noqa: S311  (moments)
    for moment in moments:
        with LocalAws() as aws:
            folder, started = aws._engine.folder, time.monotonic()
            with pytest.raises(EngineError):
                act(aws, moment)
            assert time.monotonic() - started < SOON
            assert not aws.alive
        assert not folder.exists()
        assert left_of(folder) == []


def test_an_engine_that_dies_is_an_error_in_every_thread(template):
    """No thread hangs, and none gets an error of botocore."""
    template.function(code="import time\ndef handler(e, c): time.sleep(30)", Timeout=60)
    raised = []

    def run():
        try:
            app.invoke("Source")
        except BaseException as error:  # noqa: BLE001  (its type is what is tested)
            raised.append(type(error))

    with LocalAws() as aws:
        app = aws.deploy(template.write())
        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        os.killpg(aws._engine.pid, signal.SIGKILL)
        for thread in threads:
            thread.join(SOON)
    assert raised == [EngineError] * 8


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process are Linux's")
def test_a_full_disk_is_an_error_of_ours(template):
    """The engine cannot write, as on a full disk. There is no traceback and no false verdict."""
    path = flow(template)
    with LocalAws() as aws:
        folder = aws._engine.folder
        resource.prlimit(aws._engine.pid, resource.RLIMIT_FSIZE, (0, 0))
        try:
            run = aws.deploy(path).invoke("Source", {"Success": False})
        except LambdaDestinationsError as error:
            assert "Traceback" not in str(error)  # noqa: PT017  (a correct verdict is allowed too)
        else:
            assert run.problems
    assert not folder.exists()


ANSWERS = {
    "no JSON and no XML": (200, b"\x00\xff{"),
    "nothing": (200, b""),
    "JSON of another kind": (200, b"[]"),
    "an empty object": (200, b"{}"),
    "XML of another kind": (200, b"<a><b/></a>"),
    "an error without a body": (500, b""),
    "an error in HTML": (502, b"<html>bad gateway</html>"),
    "a refusal in HTML": (403, b"<html>no</html>"),
    "a redirection": (301, b""),
    "a broken promise": (200, None),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_server_that_answers_nonsense_is_an_error_of_ours(kind):
    """Such answers make botocore raise many kinds of errors."""
    status, body = ANSWERS[kind]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if body is not None else 100))
            self.end_headers()
            self.wfile.write(body or b"")
            self.close_connection = True

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.raises(EngineError):
        LocalAws(f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "broken",
    [
        {"on_success": "x"},
        {"on_success": "arn:aws:sqs"},
        {"on_success": "arn:aws:sqs:::"},
        {"on_success": "arn:aws:nothing:us-east-1:000000000000:x"},
        {"on_failure": "arn:aws:sqs:us-east-1:000000000000:" + "q" * 200},
        {"on_failure": "arn:aws:lambda:us-east-1:000000000000:function:x y"},
        {"on_failure": "arn:aws:s3:::NOT A BUCKET"},
        {"on_failure": "arn:aws:sns:us-east-1:000000000000:a/b"},
        {"on_failure": "arn:aws:sqs:mars north:000000000000:q"},
    ],
    ids=str,
)
@pytest.mark.parametrize("create_missing", [False, True])
def test_a_destination_that_no_service_takes_is_an_error_of_ours(local_aws, template, broken, create_missing):
    """These are names that botocore or the engine refuses."""
    template.function(allow={"*": "*"})
    template.configure(**broken)
    with (
        contextlib.suppress(LambdaDestinationsError),
        local_aws.deploy(template.write(), create_missing=create_missing) as app,
    ):
        app.invoke("Source", {"Success": False})


CHILD = """
import os, subprocess, sys
def handler(kind, context):
    if kind == "own session": subprocess.Popen(["sleep", "600"], start_new_session=True, env={})
    elif kind == "child": subprocess.Popen(["sleep", "600"])
    elif kind == "grandchild":
        if os.fork() == 0:
            os.setsid()
            subprocess.Popen(["sleep", "600"], start_new_session=True, env={})
            os._exit(0)
    elif kind == "flood":
        for _ in range(20_000): print("x" * 1_000)
    elif kind == "deaf":
        import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""


def below(pid):
    """The processes below a process."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a process that asks for them")
@pytest.mark.parametrize("kind", ["own session", "child", "grandchild", "flood", "deaf"])
def test_every_process_that_a_handler_starts_ends_with_the_engine(template, kind):
    """Also a process with another session, another environment and no parent. `close` does not wait for it."""
    template.function(code=CHILD, Timeout=30)
    with LocalAws() as aws:
        app = aws.deploy(template.write())
        assert app.invoke("Source", kind).condition == "Success"
        started = time.monotonic()
        app.close()
        pids = below(aws._engine._supervisor.pid)
        assert pids
    assert time.monotonic() - started < SOON
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_a_killed_user_leaves_no_orphans(template):
    """The user's process gets kill -9 while a child of a handler runs."""
    template.function(code=CHILD)
    code = (
        "from lambda_destinations.local import LocalAws\n"
        f"aws = LocalAws(); app = aws.deploy({str(template.write())!r}); app.invoke('Source', 'own session')\n"
        "print(aws._engine._supervisor.pid, aws._engine.folder, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    supervisor, folder = child.stdout.readline().split()
    pids = below(int(supervisor)) | {int(supervisor)}
    child.kill()
    child.wait()
    child.stdout.close()
    deadline = time.monotonic() + SOON
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert not Path(folder).exists()
