"""A fake of Lambda's Runtime API on loopback, with which AWS's runtime clients and ours are compared."""

import base64
import json
import os
import queue
import re
import subprocess
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
_POSTED = re.compile(r"/2018-06-01/runtime/(?:invocation/[^/]+/(response|error)|init/(error))$")
_PATIENCE = 30.0  # seconds without an answer, then the test fails


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each answer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        event = self.server.events.get()  # type: ignore[attr-defined]
        self._answer(200 if event is not None else 500, b"" if event is None else json.dumps(event).encode())

    def do_POST(self) -> None:
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while (line := self.rfile.readline().strip()) != b"":  # a stream that fails says so in its trailers
                name, _, value = line.partition(b":")
                if name.lower().endswith(b"error-body"):
                    self.server.answers.put(("error", base64.b64decode(value)))  # type: ignore[attr-defined]
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        found = _POSTED.search(self.path)
        assert found is not None, self.path
        self.server.answers.put((found[1] or found[2], body))  # type: ignore[attr-defined]
        self._answer(202, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Length": str(len(body)),
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": REQUEST_ID,
            "Lambda-Runtime-Deadline-Ms": "9999999999999",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:named",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Client:
    """A runtime client that runs a handler in `folder`. If its process ends, `ask` starts it again."""

    def __init__(self, command: Sequence[str], folder: Path, handler: str, runtime: str) -> None:
        self._command, self._folder = list(command), folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.events, self._server.answers = queue.Queue(), queue.Queue()  # type: ignore[attr-defined]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._environment = {
            "PATH": os.environ["PATH"],
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_NAME": "named",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/named",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "LAMBDA_TASK_ROOT": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8:strict",  # as the log of AWS's client
            "TZ": ":UTC",
            "_HANDLER": handler,
        }
        self._quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, event: Any) -> tuple[str, str]:
        """The result of an event: `response` or `error` with the body, or `exit` with the status."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        answers = self._server.answers  # type: ignore[attr-defined]
        self._server.events.put(event)  # type: ignore[attr-defined]
        for _ in range(int(_PATIENCE / 0.05)):
            try:
                kind, body = answers.get(timeout=0.05)
            except queue.Empty:
                status = self._process.poll()
                if status is None or not answers.empty():
                    continue
                kind, body = "exit", str(status).encode()
                self._forget()
            return kind, body.decode(errors="replace")
        raise AssertionError(f"{self._command} did not answer {event} in time")

    def _forget(self) -> None:
        """Drop events that no process has fetched, so that the next process does not get them."""
        while not self._server.events.empty():  # type: ignore[attr-defined]
            self._server.events.get()  # type: ignore[attr-defined]

    def restart(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._forget()

    def close(self) -> None:
        self.restart()
        self._server.shutdown()
        self._server.server_close()
