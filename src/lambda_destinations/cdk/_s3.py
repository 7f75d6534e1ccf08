"""S3 bucket, on failure only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk.aws_iam as iam
import aws_cdk.aws_lambda as lambda_
import jsii

from .._service import bucket_on_success
from ..errors import InvalidDestination
from ._arguments import require
from ._binding import Binding
from ._by_reference import Value
from ._checks import require_arn
from ._keys import grant_key
from ._once import once_for_each
from ._tree import path

if TYPE_CHECKING:
    import aws_cdk.aws_s3 as s3
    from constructs import Construct


@jsii.implements(lambda_.IDestination)
class S3Destination(Value):
    """Put the invocation record of a failure into an S3 bucket, one object for each record.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html has the key of the object and the
    permissions.

    :param bucket: owned or imported
    :raises TypeError: for anything but a bucket
    :raises InvalidDestination: for an imported bucket whose ARN is not that of a bucket
    """

    def __init__(self, bucket: s3.IBucket | s3.BucketBase) -> None:
        self._bucket = require(
            bucket,
            "grant_put",
            "arn_for_objects",
            where="S3Destination(bucket)",
            wants="an aws_s3.IBucket",
            how="import it with s3.Bucket.from_bucket_arn(scope, id, bucket_arn)",
        )
        require_arn(bucket, _config(bucket).destination, "s3", "S3Destination(bucket)")
        super().__init__()

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, *, type: lambda_.DestinationType | None = None
    ) -> lambda_.DestinationConfig:
        """Allow `fn` to put objects and to list the bucket, as Lambda needs, but not to read; return the bucket's ARN.

        :raises InvalidDestination: if the type is SUCCESS: Lambda refuses a bucket on success
        """
        config = _config(self._bucket)
        binding = Binding(self, scope, fn, self._bucket, config.destination)
        if type is lambda_.DestinationType.SUCCESS and not binding.parity:
            raise InvalidDestination(f"{path(scope)}: {bucket_on_success('S3Destination')}")
        with binding:
            if binding.parity:
                self._bucket.grant_read(fn)
                self._bucket.grant_put(fn)
                return config
            for action, arn in (
                ("s3:PutObject", self._bucket.arn_for_objects("*")),
                ("s3:ListBucket", config.destination),
            ):
                iam.Grant.add_to_principal_or_resource(
                    grantee=fn,
                    actions=[action],
                    resource_arns=[arn],
                    resource=cast("iam.IResourceWithPolicy", self._bucket),
                )
            if self._bucket.encryption_key is not None:
                grant_key(self._bucket.encryption_key, fn, "kms:GenerateDataKey*")
            binding.granted()
            binding.reached()
        return config


@once_for_each
def _config(bucket: s3.IBucket | s3.BucketBase) -> lambda_.DestinationConfig:
    return lambda_.DestinationConfig(destination=bucket.bucket_arn)
