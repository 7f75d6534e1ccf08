"""Put the given SSM parameters and secrets into the engine, so that handlers can read them."""

import contextlib
from collections.abc import Iterator

from ...template import Given
from .._clients import ClientError
from .._environment import Environment


class Seeds:
    """The SSM parameters and secrets that were created for one app."""

    def __init__(self) -> None:
        self._parameters: list[tuple[Environment, str]] = []
        self._secrets: list[tuple[Environment, str]] = []

    def put(self, env: Environment, given: Given) -> None:
        """Create the given values in an account and region, unless they already exist."""
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
        """Delete the values that were created."""
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
