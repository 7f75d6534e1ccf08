"""The engine process: a private server that ends with this process."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from ...errors import EngineError
from .._closed_at_end import ClosedAtEnd
from . import _ministack

_START_SECONDS = 20.0  # it takes 0.2 s on an idle machine
_STOP_SECONDS = 5.0  # it takes milliseconds to kill everything and remove the folder
_PORT_ATTEMPTS = 3


class Engine(ClosedAtEnd):
    """A server on a free loopback port, with permissions enforced and a private temporary folder.

    :raises MissingDependency: if the engine is not installed in the pinned version
    :raises EngineError: if it does not start
    """

    def __init__(self, endpoint_for_handlers: str | None = None) -> None:
        self._endpoint_for_handlers = endpoint_for_handlers
        _ministack.require_installed()
        last = ""
        for _ in range(_PORT_ATTEMPTS):
            try:
                self._start()
            except EngineError as error:
                last = str(error)
                self.close()
            except BaseException:
                self.close()
                raise
            else:
                return
        raise EngineError(last)

    def _start(self) -> None:
        self._supervisor: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._token = uuid.uuid4().hex
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="lambda-destinations-"))
        except OSError as error:
            raise EngineError(f"there is no room for the engine: {error}; free some, or set TMPDIR") from None
        command = [sys.executable, "-P", str(Path(__file__).with_name("_supervisor.py")), str(self.folder)]
        if sys.version_info < (3, 11):
            command.remove("-P")  # it keeps the working folder off the engine's sys.path, and came with 3.11
        try:
            self._supervisor = subprocess.Popen(  # noqa: S603  (our own file)
                [*command, sys.executable, *_ministack.COMMAND],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"the engine cannot be started: {error}; free some processes and memory") from None
        assert self._supervisor.stdout is not None
        self.pid = int(self._supervisor.stdout.readline() or 0)
        self._await_health()

    def _environment(self) -> dict[str, str]:
        return _ministack.environment(self.port, self.folder, self._token, self._endpoint_for_handlers)

    def _await_health(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive:
                raise EngineError(f"{_ministack.NAME} ended while it was starting{self.log_tail()}; try again")
            health = _ministack.read_health(self.endpoint_url)
            if health is not None:
                if not _ministack.is_ours(health, self._token):
                    raise EngineError(f"port {self.port} is answered by a server that was not started here; try again")
                _ministack.require_enforcement(health, self.endpoint_url)
                return
            time.sleep(0.02)
        raise EngineError(f"{_ministack.NAME} did not answer within {_START_SECONDS:.0f} s{self.log_tail()}; try again")

    @property
    def alive(self) -> bool:
        """Whether the engine process itself is running, whatever answers on its port."""
        if self._supervisor is None or self._supervisor.poll() is not None or not self.pid:
            return False
        try:
            with Path(f"/proc/{self.pid}/stat").open() as stat:
                return stat.read().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            if Path("/proc/self").exists():
                return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def log_tail(self) -> str:
        """The last lines that the engine wrote, for an error message."""
        try:
            text = (self.folder / "engine.log").read_text(errors="replace").strip()
        except OSError:
            return ""
        return ":\n" + "\n".join(text.splitlines()[-5:]) if text else ""

    def close(self) -> None:
        """End the engine and every process that it started, and remove its folder. This takes seconds at most."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            assert supervisor.stdin is not None
            assert supervisor.stdout is not None
            with contextlib.suppress(OSError):
                supervisor.stdin.close()
            try:
                supervisor.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                supervisor.kill()
                supervisor.wait()
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, 9)
            supervisor.stdout.close()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
