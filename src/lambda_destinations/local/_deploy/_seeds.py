"""SSM parameters and secrets that were given, put where a handler that reads them finds them."""

import contextlib
from collections.abc import Iterator

from ...template import Given
from .._clients import ClientError
from .._environment import Environment


class Seeds:
    """What was put into the engine for one app."""

    def __init__(self) -> None:
        self._parameters: list[tuple[Environment, str]] = []
        self._secrets: list[tuple[Environment, str]] = []

    def put(self, env: Environment, given: Given) -> None:
        """Put what was given into an account and region, where it is not yet."""
        for name, value in given.ssm.items():
            with _unless_there():
                env.clients["ssm"].put_parameter(Name=name, Value=value, Type="String")
                self._parameters.append((env, name))
        for name, value in given.secrets.items():
            short = name.rsplit(":", 1)[-1] if name.startswith("arn:") else name
            with _unless_there():
                env.clients["secretsmanager"].create_secret(Name=short, SecretString=value)
                self._secrets.append((env, short))

    def close(self) -> None:
        """Take out what was put in."""
        while self._parameters:
            env, name = self._parameters.pop()
            env.clients["ssm"].delete_parameter(Name=name)
        while self._secrets:
            env, name = self._secrets.pop()
            env.clients["secretsmanager"].delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@contextlib.contextmanager
def _unless_there() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "Exists" not in error.response["Error"]["Code"]:
            raise
