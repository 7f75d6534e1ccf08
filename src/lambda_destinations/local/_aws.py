"""The local AWS that apps are deployed to."""

import contextlib
import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import LambdaDestinationsError
from ..template import Flow, Given, Resolved, Values, given_values
from ._app import App
from ._arn import Arn
from ._clients import Clients
from ._closed_at_end import ClosedAtEnd
from ._deploy._code import Packer
from ._deploy._exports import Exported
from ._deploy._reading import read_app
from ._deploy._refusals import RoleCheck
from ._deploy._stacks import deploy_stack
from ._deploy._stand_ins import StandIns
from ._engine import read_health, require_enforcement
from ._engine._enforcement import require_loopback, require_permissions
from ._engine._guard import Guard
from ._engine._process import Engine
from ._environment import Environment
from ._flow._calls import CallCatcher
from ._result._tree import Run

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"

# Operations that do not change anything that we remember of an app.
_HARMLESS = (
    "ChangeMessage",
    "DeleteMessage",
    "Describe",
    "Get",
    "Head",
    "Invoke",
    "List",
    "Publish",
    "Receive",
    "Send",
)
_HARMLESS_TOO = ("Batch", "PutEvents", "PutItem", "PutObject", "Query", "Scan", "Test")


class LocalAws(ClosedAtEnd):
    """An AWS on this machine that enforces permissions.

    By default it starts a private engine on a free loopback port. The engine ends with `close`, at the end of a `with`
    block, or when this process ends, even if it is killed.

    :param endpoint_url: use this running engine, and do not start one
    :param account: the account of stacks that do not name one
    :param region: the region of stacks that do not name one
    :param allow_remote: accept an `endpoint_url` that is not on a loopback address. By default it is refused, so that
        real AWS is never reached by accident
    :ivar on_run: called with each run; None by default
    :ivar tell: called with a few words about each step
    :raises EngineError: if the engine does not start, fails, or does not enforce permissions
    :raises MissingDependency: if the engine or a package that it needs is not installed
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
        self._is_shared = False
        self._engine: Engine | None = None
        self._catcher: CallCatcher | None = None
        self.tell: Callable[[str], object] = lambda _: None
        if endpoint_url is None:
            self._catcher = CallCatcher()
            try:
                self._engine = Engine(self._catcher.endpoint_url)
            except BaseException:
                self._catcher.close()
                raise
            self._catcher.engine_url = self._engine.endpoint_url
            endpoint_url = self._engine.endpoint_url
        elif not allow_remote:
            require_loopback(endpoint_url)
        self.endpoint_url = endpoint_url.rstrip("/")
        self._guard = Guard(self.endpoint_url, self._log_tail)
        try:
            health = read_health(self.endpoint_url)
            if health is not None:
                require_enforcement(health, self.endpoint_url)
            self._peek_url = self.endpoint_url if health is not None else None
            with self._guard.running():
                require_permissions(self._environment(account, region).clients)
                self._packer = Packer(self._engine.folder if self._engine is not None else None)
        except BaseException:
            self.close()
            raise

    def client(self, service: str) -> Any:
        """A boto3 client of a service, as the root of the default account."""
        client = self._environment(self._account, self._region).clients.for_users(service)
        client.meta.events.register("before-call", self._on_call, unique_id="lambda-destinations")
        return client

    def _on_call(self, model: Any, **_: Any) -> None:
        """Read everything again after a change by the user. Our own clients change nothing once an app is deployed."""
        if not model.name.startswith((*_HARMLESS, *_HARMLESS_TOO)):
            self._forget()

    def _forget(self) -> None:
        for env in list(self._environments.values()):
            env.forget()

    def deploy(  # noqa: PLR0913  (each is a different kind of value)
        self,
        path: str | Path,
        *,
        stack: str | None = None,
        values: Values = None,
        parameters: Mapping[str, Any] | None = None,
        ssm: Mapping[str, Any] | None = None,
        secrets: Mapping[str, Any] | None = None,
        exports: Mapping[str, Any] | None = None,
        create_missing: bool = False,
    ) -> App:
        """Deploy a cloud assembly (the folder that `cdk synth` wrote) or one template: JSON, YAML or SAM.

        A template may need values that it does not contain. Give them in a file, by keyword, or both; the keyword wins.
        The command has the same as `--values FILE`, and as `--parameter`, `--ssm`, `--secret` and `--export` with
        `NAME=VALUE`.

        :param path: the folder of the assembly, or the file of the template
        :param stack: deploy only this stack of an assembly, and the stacks that it needs
        :param values: a JSON or YAML file, or a mapping like its content: `parameters`, `ssm`, `secrets` and `exports`
        :param parameters: template parameters by name; `Stack.Name` is the parameter of one stack
        :param ssm: parameters in Parameter Store by name, for SSM parameter types, `{{resolve:ssm:…}}` and handlers
        :param secrets: secrets by name or ARN, for `{{resolve:secretsmanager:…}}` and handlers; an object is stored
            as JSON
        :param exports: exports of other apps by name, for `Fn::ImportValue`
        :param create_missing: create the queues, topics, buckets and event buses that the app imports as destinations.
            An imported function is always replaced by a stand-in that records its input; a note says so
        :raises DeployError: if the app cannot be deployed
        :raises InvalidDestination: if Lambda would refuse a destination or a dead-letter queue
        :raises UnknownName: if there is no such stack
        :raises EngineError: if the engine fails
        """
        given = given_values(
            values, self._account, self._region, parameters=parameters, ssm=ssm, secrets=secrets, exports=exports
        )
        stand_ins = StandIns(self._environment_of, self._packer, create_missing=create_missing)
        app = App(self._environment_of, self._guard.running, stand_ins, self._watched, self._catcher, self._told)
        with self._guard.deploying(str(path)):
            stacks, flow = read_app(Path(path), stack, given, [*self._environments.values()] if self._apps else [])
            try:
                self._deploy(app, stacks, given, stand_ins, flow)
            except BaseException:
                with contextlib.suppress(LambdaDestinationsError):
                    app.close()
                raise
        self._apps.append(app)
        return app

    def _deploy(self, app: App, stacks: list[Resolved], given: Given, stand_ins: StandIns, flow: Flow) -> None:
        stand_ins.make_for(flow)
        exported = Exported()
        for each in stacks:
            self.tell(f"deploying {each.stack.name}")
            env = self._environment(each.account, each.region)
            app.seeds.put(env, given)
            app._add(deploy_stack(each, self._environment_of, self._packer, exported))
        check = RoleCheck(self._environment_of, app.paths)
        for env, function in app._deployed_functions:
            check.check(env, function)
        app.say(*(note for each in stacks for note in each.stack.notes), *stand_ins.notes, *check.notes)
        self._forget()

    def _told(self, what: str) -> None:
        self.tell(what)

    def _watched(self, run: Run) -> None:
        if self.on_run is not None:
            self.on_run(run)

    @property
    def alive(self) -> bool:
        """Whether the private engine is running; always True for an engine that was given as `endpoint_url`."""
        return self._engine is None or self._engine.alive

    def close_apps(self) -> None:
        """Delete the stacks of every app that was deployed here and is not closed yet.

        :raises DeployError: if a stack cannot be deleted
        :raises EngineError: if the engine fails
        """
        with self._guard.running():
            while self._apps:
                self._apps.pop().close()

    def _environment_of(self, arn: str) -> Environment:
        found = Arn.find(arn)
        if found is None:
            return self._environment(self._account, self._region)
        return self._environment(found.account or self._account, found.region or self._region)

    def _environment(self, account: str, region: str) -> Environment:
        key = (account, region)
        if key not in self._environments:
            self._environments[key] = Environment(Clients(self._guard, account, region), self._peek_url)
        return self._environments[key]

    def shared(self) -> "LocalAws":
        """Another `LocalAws` on the same engine, account and region. Its `close` deletes only its own apps."""
        other = copy.copy(self)
        other._apps, other._is_shared, other.on_run = [], True, None
        return other

    def _log_tail(self) -> str:
        return self._engine.log_tail() if self._engine is not None else ""

    def close(self) -> None:
        """End the private engine and remove its files. An engine that was given as `endpoint_url` keeps running."""
        if self._is_shared:
            if self.alive:
                self.close_apps()
            return
        if self._engine is not None:
            self._engine.close()
        if self._catcher is not None:
            self._catcher.close()
            self._catcher = None
