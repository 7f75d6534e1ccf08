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

# Operations that change nothing of what is known of an app.
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

    Without `endpoint_url` a private engine is started on a free loopback port; it ends with `close`, at the end of a
    `with` block, or with this process, however that ends. With `endpoint_url` an engine that runs already is used; one
    that is not on a loopback address is refused unless `allow_remote` is set, so that real AWS is never reached by
    accident. `account` and `region` hold for stacks that do not say their own. `on_run` may be set to what is to be
    called with each run, and `tell` to what is to be told what is being done, in a few words.

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
        """What the user changes through a client is read anew; ours make no such calls once an app is deployed."""
        if not model.name.startswith((*_HARMLESS, *_HARMLESS_TOO)):
            self._forget()

    def _forget(self) -> None:
        for env in list(self._environments.values()):
            env.forget()

    def deploy(  # noqa: PLR0913 (each is a different kind of value)
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

        What a template asks for and does not hold can be given in a file, by keyword, or both (a keyword wins); the
        command has the same as `--values FILE`, `--parameter`, `--ssm`, `--secret` and `--export`, each `NAME=VALUE`.

        :param stack: one stack of an assembly, deployed with those it needs
        :param values: a file of JSON or YAML, or what it would hold: a mapping with some of the four below
        :param parameters: template parameters by name; `Stack.Name` is that of one stack
        :param ssm: parameters in Parameter Store by name, for SSM parameter types, `{{resolve:ssm:…}}` and handlers
        :param secrets: secrets by name or ARN, for `{{resolve:secretsmanager:…}}` and handlers; an object is its JSON
        :param exports: exports of other apps by name, for `Fn::ImportValue`
        :param create_missing: make the queues, topics, buckets and buses that the app imports as destinations.
            Imported functions always get a stand-in, which records what it is given; a note says so
        :raises DeployError: for what cannot be deployed
        :raises InvalidDestination: for what Lambda refuses when a configuration is put
        :raises UnknownName: for a stack that is not there
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
            app.add(deploy_stack(each, self._environment_of, self._packer, exported))
        check = RoleCheck(self._environment_of, app.paths)
        for env, function in app.deployed_functions:
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
        """Whether the private engine is running; True for one that is not ours to judge."""
        return self._engine is None or self._engine.alive

    def close_apps(self) -> None:
        """Delete the stacks of every app that was deployed here and is not closed yet."""
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
        """Another set of apps on the same engine, account and region: its `close` deletes those apps and no more."""
        other = copy.copy(self)
        other._apps, other._is_shared, other.on_run = [], True, None
        return other

    def _log_tail(self) -> str:
        return self._engine.log_tail() if self._engine is not None else ""

    def close(self) -> None:
        """End the private engine and remove what it wrote; an engine that was running already is left running."""
        if self._is_shared:
            if self.alive:
                self.close_apps()
            return
        if self._engine is not None:
            self._engine.close()
        if self._catcher is not None:
            self._catcher.close()
            self._catcher = None
