"""The engine process: a private ministack that dies with us."""

import importlib.metadata
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

from ...errors import EngineError, MissingDependency
from .._closing import Closing

# 1.5.0 to 1.5.27 deny what AWS allows, 1.4 ignores permissions.
MINISTACK_VERSION = "1.5.33"

_START_SECONDS = 20.0  # it takes 0.2 s on an idle machine
_PORT_ATTEMPTS = 3
_KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "NODE_PATH", "PATH", "SYSTEMROOT", "TZ")


class Engine(Closing):
    """A ministack server on a free loopback port, with permissions enforced and a private temporary folder.

    Raises MissingDependency without ministack in the pinned version, EngineError if it does not start.
    """

    def __init__(self) -> None:
        _require_ministack()
        last = ""
        for _ in range(_PORT_ATTEMPTS):
            try:
                self._start()
            except EngineError as error:
                last = str(error)
                self.close()
            else:
                return
        raise EngineError(last)

    def _start(self) -> None:
        self.port = _free_port()
        self._token = uuid.uuid4().hex  # the health page repeats it: an older server on the port cannot
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="lambda-destinations-"))
        self._log = self.folder / "engine.log"
        command = [sys.executable, "-P", str(Path(__file__).with_name("_supervisor.py")), str(self.folder)]
        if sys.version_info < (3, 11):
            command.remove("-P")  # it keeps the working folder off the engine's sys.path, and came with 3.11
        self._supervisor = subprocess.Popen(  # noqa: S603 (our own file)
            [*command, sys.executable, "-m", "ministack"],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._supervisor.stdout is not None
        self.pid = int(self._supervisor.stdout.readline() or 0)
        self._await_health()

    def _environment(self) -> dict[str, str]:
        # Functions inherit it: nothing of the user's own credentials may be in it.
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        return kept | {
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "ERROR",
            "MINISTACK_EDITION": self._token,
            "MINISTACK_HOST": "127.0.0.1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SFTP_ENABLED": "0",
            "TMPDIR": str(self.folder),
        }

    def _await_health(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive:
                raise EngineError(f"ministack ended while it was starting{self.log_tail()}; try again")
            health = read_health(self.endpoint_url)
            if health is not None:
                if (health.get("edition"), health.get("version")) != (self._token, MINISTACK_VERSION):
                    raise EngineError(f"port {self.port} is answered by a server that was not started here; try again")
                require_enforcement(health, self.endpoint_url)
                return
            time.sleep(0.02)
        raise EngineError(f"ministack did not answer within {_START_SECONDS:.0f} s{self.log_tail()}; try again")

    @property
    def alive(self) -> bool:
        """Whether the engine itself, not somebody else on its port, is running."""
        if self._supervisor.poll() is not None or not self.pid:
            return False
        try:
            with Path(f"/proc/{self.pid}/stat").open() as stat:
                return stat.read().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            if Path("/proc/self").exists():
                return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def log_tail(self) -> str:
        """The last lines that the engine wrote, for an error message."""
        text = self._log.read_text(errors="replace").strip() if self._log.exists() else ""
        return ":\n" + "\n".join(text.splitlines()[-5:]) if text else ""

    def close(self) -> None:
        """End the engine and its workers, and remove its folder."""
        supervisor = self._supervisor
        if supervisor.stdin is not None and not supervisor.stdin.closed:
            supervisor.stdin.close()
        supervisor.wait()
        if supervisor.stdout is not None:
            supervisor.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def read_health(endpoint_url: str) -> dict[str, object] | None:
    """What ministack says of itself at an endpoint, or None from anything else."""
    try:
        # No proxy: the engine is on loopback, whatever http_proxy says.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{endpoint_url}/_ministack/health", timeout=1) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return None
    return health if isinstance(health, dict) else None


def require_enforcement(health: dict[str, object], endpoint_url: str) -> None:
    """Raise EngineError if a ministack does not enforce permissions: it would deliver what AWS refuses."""
    if health.get("auth") != "enabled":
        raise EngineError(
            f"the ministack {health.get('version')} at {endpoint_url} does not enforce permissions; "
            f"start it with AUTH=true, in version {MINISTACK_VERSION}"
        )


def _require_ministack() -> None:
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        raise MissingDependency(
            "the local AWS engine is not installed; run: pip install 'lambda-destinations[local]', "
            "or give the endpoint_url of a running engine"
        ) from None
    if found != MINISTACK_VERSION:
        raise MissingDependency(
            f"ministack {found} is installed, but other versions than {MINISTACK_VERSION} allow or deny "
            f"what AWS does not; run: pip install 'lambda-destinations[local]'"
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
