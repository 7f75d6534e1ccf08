"""One call in five throttled or answered 500: slower, and nothing is lost."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from lambda_destinations.redrive import redrive
from support.records import record


@pytest.fixture
def flaky(world, monkeypatch):
    """A proxy before the engine that refuses every fifth call in turn with 429 and 500."""
    count, engine = iter(range(10**6)), urlsplit(world.url).netloc

    class Proxy(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            number = next(count)
            if number % 5 == 4:
                name = "TooManyRequestsException" if number % 2 else "ServiceException"
                self.send_response(429 if number % 2 else 500)
                self.send_header("x-amzn-errortype", name)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                return
            connection = http.client.HTTPConnection(engine)
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            content = response.read()
            connection.close()
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_throttled_and_failing_calls_are_tried_again(world, flaky):
    world.put(*(record({"n": n}).to_json() for n in range(60)))
    report = redrive(world.name, endpoint_url=flaky, rate=20)  # what the engine runs at once
    assert (report.sent, report.deleted, report.complete) == (60, 60, True)
    assert report.retries
    assert world.visible() == []
    assert {each["n"] for each in world.arrived(60)} == set(range(60))
