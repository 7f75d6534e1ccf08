"""The engine process: it is private, and it ends with its parent, however that ends."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lambda_destinations.errors import EngineError
from lambda_destinations.local import LocalAws
from lambda_destinations.local._engine import _ministack
from lambda_destinations.local._engine._process import Engine

START = (
    "from lambda_destinations.local._engine._process import Engine; e = Engine(); print(e.pid, e.folder, flush=True)\n"
)


def processes_of(folder: str) -> list[str]:
    """The programs of the processes that use the folder of an engine."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes() + b"\0" + (path / "environ").read_bytes()
        except OSError:
            continue
        if folder.encode() in words:
            found.append(words.split(b"\0")[0].decode())
    return found


def gone(folder: str) -> bool:
    """Whether the processes and the folder of an engine disappear soon."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not processes_of(folder) and not Path(folder).exists():
            return True
        time.sleep(0.05)
    return False


def start(code: str) -> tuple[subprocess.Popen, str]:
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    return child, child.stdout.readline().split()[1]


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name
)
def test_nothing_is_left_when_the_parent_is_killed(number):
    """No process and no temporary folder, with each of these signals."""
    child, folder = start(START + "import time; time.sleep(60)")
    assert processes_of(folder)
    child.send_signal(number)
    child.wait()
    child.stdout.close()
    assert gone(folder)


@pytest.mark.parametrize("ending", ["", "e.close()", "raise SystemExit(3)", "1 / 0", "import os; os._exit(0)"])
def test_nothing_is_left_when_the_parent_ends(ending):
    """With and without `close`."""
    child, folder = start(START + "import sys; sys.stderr.close()\n" + ending)
    child.wait()
    child.stdout.close()
    assert gone(folder)


def test_worker_processes_end_with_the_engine(template):
    """Also those of functions that are running when the parent is killed."""
    template.function(code="import time\ndef handler(e, c): time.sleep(60)", Timeout=60)
    path = template.write()
    code = (
        "from lambda_destinations.local import LocalAws\n"
        f"aws = LocalAws(); app = aws.deploy({str(path)!r})\n"
        "print(0, aws._engine.folder, flush=True)\n"
        "app.invoke('Source')\n"
    )
    child, folder = start(code)
    deadline = time.monotonic() + 10
    while len(processes_of(folder)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(processes_of(folder)) >= 3, "the supervisor, the engine and a worker"
    child.kill()
    child.wait()
    child.stdout.close()
    assert gone(folder)


def test_the_engine_listens_on_loopback_only():
    """Other machines on the network cannot reach it."""
    with Engine() as engine:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        listening = {line.split()[1] for line in lines if line.split()[3] == "0A"}
        assert f"0100007F:{engine.port:04X}" in listening
        assert f"00000000:{engine.port:04X}" not in listening


def test_another_port_is_tried_if_one_is_taken(monkeypatch):
    """Another server may take the port after it was chosen and before it is used."""
    import lambda_destinations.local._engine._process as module

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = iter([other.getsockname()[1], module._free_port()])
        monkeypatch.setattr(module, "_free_port", lambda: next(ports))
        with Engine() as engine:
            assert engine.port != other.getsockname()[1]


def serve(answer: dict) -> http.server.ThreadingHTTPServer:
    """A server that answers every request with the same JSON."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_another_server_on_the_port_is_not_taken_for_the_engine(monkeypatch):
    """Even one that claims the right version and the enforcement of permissions."""
    import lambda_destinations.local._engine._process as module

    server = serve({"version": _ministack.VERSION, "auth": "enabled", "edition": "light"})
    monkeypatch.setattr(module, "_free_port", lambda: server.server_address[1])
    with pytest.raises(EngineError, match=r"ended while it was starting|was not started here"):
        Engine()
    server.shutdown()
    server.server_close()


def test_a_ministack_without_enforcement_is_refused():
    """It would deliver records that AWS would not."""
    server = serve({"version": "1.4.21"})
    with pytest.raises(EngineError, match=r"the ministack 1\.4\.21 at .* does not enforce permissions"):
        LocalAws(f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


def test_an_engine_that_is_given_is_used_and_left_running(template):
    """Handlers then run on the runtimes of that engine."""
    template.source("success", template.queue(), "sqs")
    with Engine() as engine:
        with LocalAws(engine.endpoint_url) as aws:
            run = aws.deploy(template.write()).invoke("Source", {"a": 1})
            assert run.problems == []
            assert run.delivered_to("Queue")[0].request_payload == {"a": 1}
        assert engine.alive


def test_an_engine_that_claims_to_enforce_permissions_is_tested(monkeypatch):
    """It is asked for one call that a role may make, and for one that it may not make."""
    monkeypatch.setattr("lambda_destinations.local._engine._ministack.require_enforcement", lambda *_: None)
    monkeypatch.setattr("lambda_destinations.local._aws.require_enforcement", lambda *_: None)
    environment = Engine._environment
    monkeypatch.setattr(Engine, "_environment", lambda self: environment(self) | {"AUTH": "false"})
    with pytest.raises(EngineError, match="does not enforce permissions"):
        LocalAws()


@pytest.mark.parametrize(
    "url", ["https://sqs.us-east-1.amazonaws.com", "http://example.org:4566", "http://10.0.0.1", "no url", ""]
)
def test_an_endpoint_elsewhere_is_refused(url):
    """Real AWS is never reached by accident."""
    with pytest.raises(EngineError, match="is not on this machine; allow_remote=True if that is meant"):
        LocalAws(url)


def test_an_endpoint_without_a_server_is_an_error():
    """The error is ours, not one of urllib3."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(EngineError, match=f"the engine at http://127.0.0.1:{port} went away; start again"):
        LocalAws(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("moment", ["before", "during"])
def test_an_engine_that_dies_midway_is_an_error(template, moment):
    """It dies before an invocation, or during one."""
    template.function(code="import time\ndef handler(e, c): time.sleep(30)", Timeout=60)
    with LocalAws() as aws:
        app = aws.deploy(template.write())
        killer = threading.Timer(0.0 if moment == "before" else 0.7, os.killpg, (aws._engine.pid, signal.SIGKILL))
        killer.start()
        if moment == "before":
            killer.join()
        with pytest.raises(EngineError, match="went away"):
            app.invoke("Source")
        deadline = time.monotonic() + 5
        while aws.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not aws.alive
        folder = str(aws._engine.folder)
    assert gone(folder)


def test_broken_settings_of_the_user_do_not_matter(tmp_path, monkeypatch, template):
    """A profile that does not exist, a broken file, and variables that point to real AWS."""
    broken = tmp_path / "config"
    broken.write_text("[[[")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_REGION", "mars-north-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "https://sqs.us-east-1.amazonaws.com")
    monkeypatch.setattr("lambda_destinations.local._clients.Clients._session", None)
    template.source("success", template.queue(), "sqs")
    with LocalAws() as aws:
        assert len(aws.deploy(template.write()).invoke("Source").delivered_to("Queue")) == 1
