"""All behaviour of ministack that this package relies on or works around. For another engine, edit this file.

* It takes the access key (twelve digits) as the account, and accepts any secret.
* It gives a false success for a runtime that it does not have, and for a function whose code is not in its bucket:
  `RUNTIMES`, and `_flow` demands that an answer comes from our own runtimes.
* It refuses a template with types that it does not have, with one message: `types_it_lacks`.
* It silently forgets properties of what it deploys: `_deploy/_forgotten.py` puts them in place.
* It would deliver failures itself, in a record of its own: it gets no configurations (`Environment.hold_config`).
* Its poller would take messages out of a queue that a function reads: it gets no such mapping (`_mappings.py`).
"""

import http.client
import json
import os
import re
import urllib.parse
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ...errors import EngineError, MissingDependency

NAME = "ministack"
COMMAND = ("-m", "ministack")
"""The arguments for Python that start it."""

VERSION = "1.5.33"
"""1.5.0 to 1.5.27 deny what AWS allows, 1.4 ignores permissions."""

HOW_TO_ENFORCE = "ministack: AUTH=true, LocalStack: ENFORCE_IAM=1"
"""The settings that make engines enforce permissions."""

RUNTIMES = ("python", "nodejs", "provided")
"""The beginnings of the names of the runtimes that it runs. It answers a made-up 200 for all others."""

INLINE_TEMPLATE_BYTES = 51_200
"""A larger template must be put into a bucket, as on AWS."""

LACKED_SILENTLY = ("AWS::CDK::Metadata",)
"""Types that it does not have, and that are left out without a note."""

_SETTINGS = {
    "AUTH": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SECRET_ACCESS_KEY": "test",
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "LOG_LEVEL": "ERROR",
    "MINISTACK_HOST": "127.0.0.1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "SFTP_ENABLED": "0",
    "TZ": ":UTC",  # as Lambda sets it; functions inherit all of this
}
_KEPT_OF_THE_USER = ("HOME", "LANG", "LC_ALL", "NODE_PATH", "PATH", "SYSTEMROOT")
NOT_FOR_HANDLERS = (
    "AUTH",
    "AWS_EC2_METADATA_DISABLED",
    "BIND_HOST",
    "GATEWAY_PORT",
    "IOT_MTLS_ENABLED",
    "LOG_LEVEL",
    "MINISTACK_EDITION",
    "MINISTACK_HOST",
    "PYTHONDONTWRITEBYTECODE",
    "SFTP_ENABLED",
)
"""Settings that functions inherit but must not see, because Lambda does not have them."""

# Without a proxy: the engine is on loopback, whatever http_proxy says.
_LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TYPES_IT_LACKS = re.compile(r"Unrecognized resource types: \[(.+?)\]")


def require_installed() -> None:
    """Raise MissingDependency unless this version is installed."""
    try:
        found = version(NAME)
    except PackageNotFoundError:
        raise MissingDependency(
            "the local AWS engine is not installed; run: pip install 'lambda-destinations[local]', "
            "or give the endpoint_url of a running engine"
        ) from None
    if found != VERSION:
        raise MissingDependency(
            f"ministack {found} is installed, but other versions than {VERSION} allow or deny "
            f"what AWS does not; run: pip install 'lambda-destinations[local]'"
        )


def environment(port: int, folder: Path, token: str, endpoint_for_handlers: str | None = None) -> dict[str, str]:
    """The environment of a private server. It does not include any credentials of the user."""
    kept = {name: os.environ[name] for name in _KEPT_OF_THE_USER if name in os.environ}
    return (
        kept
        | _SETTINGS
        | {
            "AWS_ENDPOINT_URL": endpoint_for_handlers or f"http://127.0.0.1:{port}",
            "GATEWAY_PORT": str(port),
            "MINISTACK_EDITION": token,  # the health page repeats it; another server on the port cannot
            "TMPDIR": str(folder),
        }
    )


def read_health(endpoint_url: str) -> dict[str, object] | None:
    """The health of a ministack at an endpoint; None if there is no ministack."""
    try:
        with _LOOPBACK.open(f"{endpoint_url}/_ministack/health", timeout=1) as answer:
            health = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return health if isinstance(health, dict) else None


def is_ours(health: dict[str, object], token: str) -> bool:
    """Whether the server that answers is the one that was started with `token`."""
    return (health.get("edition"), health.get("version")) == (token, VERSION)


def require_enforcement(health: dict[str, object], endpoint_url: str) -> None:
    """Raise EngineError if it does not enforce permissions, because then it delivers what AWS refuses."""
    if health.get("auth") != "enabled":
        raise EngineError(
            f"the ministack {health.get('version')} at {endpoint_url} does not enforce permissions; "
            f"start it with AUTH=true, in version {VERSION}"
        )


def types_it_lacks(message: str) -> frozenset[str]:
    """The resource types that it does not have, by the message with which it refuses a template."""
    found = _TYPES_IT_LACKS.search(message)
    return frozenset(found.group(1).split(", ")) if found else frozenset()


def queue_messages(endpoint_url: str, account: str, region: str, queue_url: str) -> list[tuple[str, str]]:
    """Id and body of each message in a queue, the newest first. No message is received."""
    query = urllib.parse.urlencode({"account": account, "region": region, "QueueUrl": queue_url})
    with _LOOPBACK.open(f"{endpoint_url}/_ministack/sqs/messages?{query}", timeout=10) as answer:
        text = answer.read()
    try:
        queues: dict[str, list[dict[str, str]]] = json.loads(text)["messages"].get(account, {}).get(region, {})
        return [
            (message["MessageId"], message["Body"]) for messages in queues.values() for message in reversed(messages)
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise EngineError(
            f"the engine at {endpoint_url} answers nonsense for the messages of {queue_url}; start again"
        ) from None
