"""Catch the asynchronous invocations that handlers make, so that they are followed like ours.

A handler's AWS SDK connects to a port of ours on loopback. The port forwards every call to the engine, except `Invoke`
with the type `Event`: the engine would run that without retries and destinations. The tracing header says which
invocation made a call. The SDKs for Python and JavaScript send this header with each call inside of Lambda.
"""

import contextlib
import http.client
import re
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ._wrapped import trace_header

_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_INVOKE_ASYNC = re.compile(r"/2014-11-13/functions/([^/]+)/invoke-async/?")
_HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}
_LONGEST = 15 * 60 + 30  # seconds, of an invocation


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """An asynchronous invocation by a handler: function and qualifier as the handler wrote them, and JSON text."""

    function: str
    qualifier: str | None
    payload: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(kw_only=True, slots=True)
class _Caller:
    may: Callable[[Call], tuple[int, str, str] | None]
    calls: list[Call] = field(default_factory=list)


class CallCatcher:
    """The port. Handlers get its `endpoint_url`, and it forwards their calls to `engine_url`."""

    def __init__(self) -> None:
        self.engine_url = ""
        self._callers: dict[str, _Caller] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.catcher = self  # type: ignore[attr-defined]
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    @contextlib.contextmanager
    def of(self, request_id: str, may: Callable[[Call], tuple[int, str, str] | None]) -> Iterator[list[Call]]:
        """Collect the calls of one invocation while it runs.

        :param may: returns None for a call that is allowed, else status, error type and message
        """
        caller = _Caller(may=may)
        key = _root(trace_header(request_id))
        self._callers[key] = caller
        try:
            yield caller.calls
        finally:
            del self._callers[key]

    def take(self, trace: str, call: Call) -> tuple[int, str, str] | None:
        """Catch a call: None if it was caught, (0, "", "") if no invocation made it, else why it is refused."""
        caller = self._callers.get(_root(trace))
        if caller is None:
            return (0, "", "")
        refused = caller.may(call)
        if refused is None:
            caller.calls.append(call)
        return refused

    def close(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


def _root(trace: str) -> str:
    found = re.search(r"Root=([^;]+)", trace)
    return found[1] if found else ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):  # a handler that ends may not close its connections
            super().handle_one_request()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: standard error belongs to the user."""

    def _any(self) -> None:
        catcher: CallCatcher = self.server.catcher  # type: ignore[attr-defined]
        body = self._body()
        call = self._asynchronous(body)
        if call is not None:
            refused = catcher.take(self.headers.get("X-Amzn-Trace-Id", ""), call)
            if refused is None:
                self._answer(202, {"x-amzn-RequestId": call.request_id}, b"")
                return
            status, error, message = refused
            if status:
                text = f'{{"Type":"User","Message":"{message}"}}'
                self._answer(status, {"x-amzn-ErrorType": error, "Content-Type": "application/json"}, text.encode())
                return
        self._hand_on(catcher, body)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _any  # noqa: N815  (http.server's names)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return found

    def _asynchronous(self, body: bytes) -> Call | None:
        parts = urllib.parse.urlsplit(self.path)
        if self.command != "POST":
            return None
        found = _INVOKE.fullmatch(parts.path)
        if found and self.headers.get("X-Amz-Invocation-Type") != "Event":
            return None
        found = found or _INVOKE_ASYNC.fullmatch(parts.path)
        if not found:
            return None
        function = urllib.parse.unquote(found[1])
        qualifier = urllib.parse.parse_qs(parts.query).get("Qualifier", [None])[0]
        return Call(function=function, qualifier=qualifier, payload=body.decode("utf-8", "replace") or "{}")

    def _hand_on(self, catcher: CallCatcher, body: bytes) -> None:
        engine = urllib.parse.urlsplit(catcher.engine_url)
        connection = http.client.HTTPConnection(engine.hostname or "", engine.port, timeout=_LONGEST)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            read = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # as if the engine itself had closed the connection
            return
        finally:
            connection.close()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
        self._answer(answer.status, kept, read, length=answer.getheader("Content-Length"))

    def _answer(self, status: int, headers: dict[str, str], body: bytes, length: str | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
        self.end_headers()
        self.wfile.write(body)
