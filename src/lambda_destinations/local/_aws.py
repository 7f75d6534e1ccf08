"""The local AWS that apps are deployed to."""

import contextlib
import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import EngineError, UnknownName
from ._app import App
from ._clients import Clients, EndpointConnectionError, HTTPClientError
from ._closing import Closing
from ._deploy._assembly import Stack, read_stacks
from ._deploy._code import Packer
from ._deploy._refusals import Checker
from ._deploy._stacks import deploy_stack
from ._engine._enforcement import require_permissions
from ._engine._process import Engine, read_health, require_enforcement
from ._environment import Environment
from ._result._tree import Run

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"


class LocalAws(Closing):
    """An AWS on this machine that enforces permissions.

    Without `endpoint_url` a private engine is started on a free loopback port; it ends with `close`, at the end of a
    `with` block, or with this process, however that ends. With `endpoint_url` an engine that runs already is used; one
    that is not on a loopback address is refused unless `allow_remote` is set, so that real AWS is never reached by
    accident. `account` and `region` hold for stacks that do not say their own. `on_run` may be set to what is to be
    called with each run.

    Raises EngineError, and MissingDependency where the engine is not installed.
    """

    def __init__(
        self,
        endpoint_url: str | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        allow_remote: bool = False,
    ) -> None:
        self._account, self._region = account, region
        self._environments: dict[tuple[str, str], Environment] = {}
        self.on_run: Callable[[Run], object] | None = None
        self._apps: list[App] = []
        self._engine: Engine | None = None
        if endpoint_url is None:
            self._engine = Engine()
            endpoint_url = self._engine.endpoint_url
        elif not allow_remote:
            _require_loopback(endpoint_url)
        self.endpoint_url = endpoint_url.rstrip("/")
        try:
            health = read_health(self.endpoint_url)
            if health is not None:
                require_enforcement(health, self.endpoint_url)
            self._peek_url = self.endpoint_url if health is not None else None
            with self._guarded():
                require_permissions(self._environment(account, region).clients)
            self._packer = Packer(self._engine.folder if self._engine is not None else None)
        except BaseException:
            self.close()
            raise

    def client(self, service: str) -> Any:
        """A boto3 client of a service, as the root of the default account."""
        return self._environment(self._account, self._region).clients[service]

    def deploy(
        self,
        path: str | Path,
        *,
        stack: str | None = None,
        parameters: dict[str, str] | None = None,
        create_missing: bool = False,
    ) -> App:
        """Deploy a cloud assembly (the folder that `cdk synth` wrote) or one template.

        `stack` picks one stack, with those it needs; `parameters` are the values of template parameters.
        `create_missing` makes the queues, topics, buckets and buses that the app imports as destinations.

        Raises DeployError, and InvalidDestination for what Lambda refuses when a configuration is put.
        """
        stacks = read_stacks(Path(path))
        if stack is not None:
            stacks = _picked(stacks, stack)
        checker = Checker(self._environment_of, create_missing=create_missing)
        app = App(self._environment_of, self._guarded, checker.created, self._watched)
        with self._guarded():
            try:
                for each in stacks:
                    env = self._environment(each.account or self._account, each.region or self._region)
                    app.add(deploy_stack(each, env, self._packer, _own(each, stacks, parameters or {})))
                for env, function in app.deployed_functions:
                    checker.check(env, function)
                for env in {env for env, _ in app.deployed_functions}:
                    env.routes.hold()
            except EngineError:
                raise
            except BaseException:
                app.close()
                raise
        self._apps.append(app)
        return app

    def _watched(self, run: Run) -> None:
        if self.on_run is not None:
            self.on_run(run)

    @property
    def alive(self) -> bool:
        """Whether the private engine is running; True for one that is not ours to judge."""
        return self._engine is None or self._engine.alive

    def close_apps(self) -> None:
        """Delete the stacks of every app that was deployed here and is not closed yet."""
        with self._guarded():
            while self._apps:
                self._apps.pop().close()

    def _environment_of(self, arn: str) -> Environment:
        parts = arn.split(":")
        return self._environment(parts[4] or self._account, parts[3] or self._region)

    def _environment(self, account: str, region: str) -> Environment:
        key = (account, region)
        if key not in self._environments:
            self._environments[key] = Environment(Clients(self.endpoint_url, account, region), self._peek_url)
        return self._environments[key]

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn the loss of the engine into an EngineError."""
        try:
            yield
        except (EndpointConnectionError, HTTPClientError) as error:
            tail = self._engine.log_tail() if self._engine is not None else ""
            raise EngineError(f"the engine at {self.endpoint_url} went away{tail}; start again ({error})") from None

    def close(self) -> None:
        """End the private engine and remove what it wrote; an engine that was running already is left running."""
        if self._engine is not None:
            self._engine.close()


def _picked(stacks: list[Stack], name: str) -> list[Stack]:
    by_name = {each.name: each for each in stacks}
    if name not in by_name:
        raise UnknownName(f"there is no stack {name!r}; there: {', '.join(by_name)}")
    wanted: set[str] = set()
    pending = [name]
    while pending:
        each = pending.pop()
        wanted.add(each)
        pending += [need for need in by_name[each].needs if need in by_name and need not in wanted]
    return [each for each in stacks if each.name in wanted]


def _own(stack: Stack, stacks: list[Stack], parameters: dict[str, str]) -> dict[str, str]:
    """The parameters for one of several stacks; one that no stack has is an error of the first."""
    declared = {name for each in stacks for name in each.template.get("Parameters") or {}}
    own = stack.template.get("Parameters") or {}
    return {name: value for name, value in parameters.items() if name in own or name not in declared}


def _require_loopback(endpoint_url: str) -> None:
    host = urlsplit(endpoint_url).hostname or ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    if host == "localhost":
        return
    raise EngineError(f"{endpoint_url} is not on this machine; allow_remote=True if that is meant")
