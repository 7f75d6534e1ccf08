"""The redrive of a queue or a bucket, as a function beside it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sqs as sqs

from .._service import REDRIVE_COUNTS
from ..errors import InvalidDestination
from ._arguments import require
from ._cdk import Construct, Duration
from ._tree import path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._arn import AnyFunction

_PACKAGE = Path(__file__).parent.parent
_LEFT_OUT = (
    *("_commands", "cdk", "lint", "local", "policy", "show", "template"),
    *("__pycache__", "*.pyc", "__main__.py", "cli.py", "pytest_plugin.py"),
)
_TIMEOUT = 30  # seconds: Lambda refuses a mapping of a queue whose visibility timeout, 30 by default, is less
_MOST_CONCURRENT = 1000  # Lambda, "Configuring maximum concurrency for Amazon SQS event sources"
_MOST = 7  # a redrive is two steps of a chain, and Lambda stops a chain after about 16


class Redrive(Construct):
    """A function that sends failed events from `source` back to `targets`.

    For a queue there is an event source mapping, disabled until somebody enables it, and a bucket that keeps the counts
    of the redrives. Disable it again when nothing more is sent: what is not a record, a success, and an event that
    Lambda refuses stay in the queue, and the mapping reads them again and again. For a bucket, run the function by an
    S3 Batch Operations job. Its concurrency is reserved: that limits the speed. Its role may invoke the targets, read
    the source and delete from it, write to the quarantine, and keep its counts.

    :param source: the queue or bucket of the failures' records
    :param targets: the functions, versions or aliases whose records are in it; others are not allowed
    :param max_redrives: 1 to 7; then the record goes to `quarantine`, over all runs
    :param quarantine: a queue of its own by default
    :param reserved_concurrent_executions: how many run at once; a queue needs 2 at least
    :param enabled: whether the mapping starts at once
    :raises TypeError: for anything but a queue or bucket and functions
    :raises InvalidDestination: for no targets, for more redrives than Lambda's loop detection lets pass, for too little
        concurrency, and for a quarantine that is the source or FIFO
    """

    def __init__(  # noqa: PLR0913  (upstream style: an argument a property)
        self,
        scope: Any,
        id: str,
        *,
        source: Any,
        targets: Sequence[AnyFunction],
        max_redrives: int = 3,
        quarantine: Any | None = None,
        reserved_concurrent_executions: int = 2,
        enabled: bool = False,
    ) -> None:
        super().__init__(scope, id)
        if not targets or not 1 <= max_redrives <= _MOST:
            raise InvalidDestination(
                f"{path(self)}: Redrive wants targets and max_redrives from 1 to {_MOST}, since Lambda stops a chain "
                "of about 16 invocations: name the functions, and fewer redrives"
            )
        queue = hasattr(source, "grant_consume_messages")
        if reserved_concurrent_executions < (2 if queue else 1):
            raise InvalidDestination(
                f"{path(self)}: Redrive has reserved_concurrent_executions={reserved_concurrent_executions}, and an "
                "event source mapping of a queue needs 2: give 2 or more"
            )
        if quarantine is source or getattr(quarantine, "fifo", False):
            raise InvalidDestination(
                f"{path(self)}: the quarantine of Redrive is {'its source' if quarantine is source else 'FIFO'}: give "
                "another queue, a standard one"
            )
        member = "grant_consume_messages" if queue else "arn_for_objects"
        how = "import it with sqs.Queue.from_queue_arn or s3.Bucket.from_bucket_arn"
        require(source, member, where="Redrive(source)", wants="an aws_sqs.IQueue or aws_s3.IBucket", how=how)
        self.quarantine = quarantine or sqs.Queue(self, "Quarantine", retention_period=Duration.days(14))
        self.ledger = _ledger(self) if queue else source
        self.function = self._function(max_redrives, reserved_concurrent_executions, _timeout(source))
        for target in targets:
            self._allow_invoke(target)
        self.quarantine.grant_send_messages(self.function)
        self._allow(["s3:GetObject", "s3:PutObject"], self.ledger.arn_for_objects(f"{REDRIVE_COUNTS}*"))
        self._allow(["s3:ListBucket"], self.ledger.bucket_arn)  # else a missing count is answered as a denied one
        if queue:
            source.grant_consume_messages(self.function)
            self.mapping = lambda_.EventSourceMapping(
                self,
                "Mapping",
                target=cast("Any", self.function),
                event_source_arn=source.queue_arn,
                batch_size=10,
                enabled=enabled,
            )
            resource: Any = self.mapping.node.default_child
            resource.add_property_override("FunctionResponseTypes", ["ReportBatchItemFailures"])
            # Else SQS starts five pollers, and what reserved concurrency throttles counts as received.
            most = min(reserved_concurrent_executions, _MOST_CONCURRENT)
            resource.add_property_override("ScalingConfig", {"MaximumConcurrency": most})
        else:
            self._allow(["s3:GetObject", "s3:DeleteObject"], source.arn_for_objects("*"))
            if source.encryption_key is not None:
                source.encryption_key.grant(self.function, "kms:Decrypt", "kms:GenerateDataKey*")

    def _function(self, max_redrives: int, concurrency: int, timeout: int) -> lambda_.Function:
        with contextlib.ExitStack() as stack:
            # Without staging the template names the folder itself, so that it must stay.
            staged = not self.node.try_get_context("aws:cdk:disable-asset-staging")
            folder = stack.enter_context(tempfile.TemporaryDirectory()) if staged else tempfile.mkdtemp()
            # The package's own source alone: boto3 comes with the runtime. The hash is that of the files.
            ignore = shutil.ignore_patterns(*_LEFT_OUT)
            shutil.copytree(_PACKAGE, Path(folder, _PACKAGE.name), ignore=ignore)
            return lambda_.Function(
                self,
                "Function",
                runtime=lambda_.Runtime("python3.13", lambda_.RuntimeFamily.PYTHON),
                handler="lambda_destinations.redrive.handler",
                code=lambda_.Code.from_asset(folder),
                timeout=Duration.seconds(timeout),
                memory_size=256,
                reserved_concurrent_executions=concurrency,
                environment={
                    "REDRIVE_LEDGER": f"s3://{self.ledger.bucket_name}/{REDRIVE_COUNTS}",
                    "REDRIVE_MAX": str(max_redrives),
                    "REDRIVE_QUARANTINE": self.quarantine.queue_url,
                },
            )

    def _allow_invoke(self, target: AnyFunction) -> None:
        require(
            target,
            "grant_invoke",
            where="Redrive(targets)",
            wants="aws_lambda.IFunction",
            how="import it with lambda_.Function.from_function_arn(scope, id, function_arn)",
        )
        self._allow(["lambda:InvokeFunction"], target.function_arn)

    def _allow(self, actions: list[str], arn: str) -> None:
        self.function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[arn]))


def _timeout(source: Any) -> int:
    """Seconds that the function may run: not more than the queue's own visibility timeout, if that is known."""
    visibility = getattr(source.node.default_child, "visibility_timeout", None)
    if visibility is not None and 1 <= visibility < _TIMEOUT:  # a token is a number far below 0
        return int(visibility)
    return _TIMEOUT


def _ledger(scope: Any) -> s3.Bucket:
    bucket = s3.Bucket(
        scope, "Ledger", block_public_access=s3.BlockPublicAccess.BLOCK_ALL, encryption=s3.BucketEncryption.S3_MANAGED
    )
    bucket.add_lifecycle_rule(expiration=Duration.days(30))  # longer than SQS keeps any record
    return bucket
