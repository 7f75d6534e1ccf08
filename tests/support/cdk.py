"""The installed CDK, v1 or v2, and functions with which the tests build apps and read templates."""

import json
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk.aws_lambda as lambda_

import lambda_destinations.cdk

try:
    import aws_cdk.core as cdk

    V1 = True
except ImportError:
    import aws_cdk as cdk

    V1 = False

CDK_VERSION = tuple(int(part) for part in version("aws-cdk.core" if V1 else "aws-cdk-lib").split("."))

DESTINATIONS = [name for name in lambda_destinations.cdk.__all__ if name.endswith("Destination")]
UPSTREAM_PARITY = "lambda-destinations:upstream-parity"
PARITY = {UPSTREAM_PARITY: True}  # the context that turns off every difference from upstream

Templates = dict[str, Any]


def function(scope: Any, id: str, **props: Any) -> lambda_.Function:
    """Make the smallest function that can be deployed."""
    props.setdefault("runtime", lambda_.Runtime("python3.13", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True))
    props.setdefault("handler", "index.handler")
    props.setdefault("code", lambda_.Code.from_inline("def handler(event, context): return event"))
    return lambda_.Function(scope, id, **props)


def watch_an_age_in_a_token(app: Any) -> None:
    """Watch a function whose maximum event age only the deployment knows."""
    stack = cdk.Stack(app, "Stack")
    configured = cdk.CfnParameter(stack, "Age", type="Number").value_as_number
    fn = function(stack, "Fn", max_event_age=cdk.Duration.hours(1))
    lambda_destinations.cdk.AsyncInvocationAlarms(stack, "Alarms", function=fn)
    fn.node.find_child("EventInvokeConfig").node.default_child.maximum_event_age_in_seconds = configured


def synthesize(build: Callable[[Any], None], *, context: dict[str, Any] | None = None) -> Templates:
    """Build an app, synthesize it, and return every template in it, nested stacks too, by file name."""
    with tempfile.TemporaryDirectory() as outdir:
        app = cdk.App(outdir=outdir, analytics_reporting=False, context=context)
        build(app)
        app.synth()
        return read_templates(Path(outdir))


def synthesize_with_tree(
    build: Callable[[Any], None], *, context: dict[str, Any] | None = None
) -> tuple[Templates, list[str]]:
    """Return the templates of an app, and the path of every construct in it."""
    with tempfile.TemporaryDirectory() as outdir:
        app = cdk.App(outdir=outdir, analytics_reporting=False, context=context)
        build(app)
        app.synth()
        return read_templates(Path(outdir)), _paths(json.loads((Path(outdir) / "tree.json").read_text())["tree"])


def _paths(tree: Any) -> list[str]:
    return [tree["path"], *(path for child in tree.get("children", {}).values() for path in _paths(child))]


def annotations(build: Callable[[Any], None], *, context: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Build an app and synthesize it; return each of our warnings: the path of its construct, and its text."""
    with tempfile.TemporaryDirectory() as outdir:
        app = cdk.App(outdir=outdir, analytics_reporting=False, context=context)
        build(app)
        assemblies = [app.synth()]
        found = []
        for assembly in assemblies:
            assemblies += [nested.nested_assembly for nested in assembly.nested_assemblies]
            found += [(message.id, str(message.entry.data)) for stack in assembly.stacks for message in stack.messages]
        return [(path, text) for path, text in found if "lambda-destinations:" in text]


def read_templates(cdk_out: Path) -> Templates:
    templates = {path.name: json.loads(path.read_text()) for path in sorted(cdk_out.rglob("*.template.json"))}
    assert templates, f"nothing was synthesized into {cdk_out}"
    return templates


def resources(templates: Templates, type: str) -> list[Any]:
    """Return the properties of every resource of that CloudFormation type."""
    return [
        resource.get("Properties", {})
        for template in templates.values()
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == type
    ]
