"""What Lambda refuses when an asynchronous configuration is put, refused here when an app is deployed."""

from collections.abc import Callable, Iterable

from ...errors import DeployError, InvalidDestination, LambdaDestinationsError
from ...policy import Decision, may_deliver
from ...template import Finding, Resolved, read_flow, refusals
from .._arn import Arn
from .._clients import ClientError, is_missing
from .._environment import Environment
from .._flow._follow import resource_policy
from .._placeholders import is_placeholder
from .._roles import may_lambda_assume, principal_of
from ..._service import SERVICES
from ._stand_ins import exists
