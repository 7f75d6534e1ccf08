"""A bucket: it gets one object for each failure, under a key that Lambda makes."""

from ....envelopes import s3_object
from ..._arn import Arn
from ..._clients import ClientError
from ..._environment import Environment
from ..._result._tree import Delivery
from ._service import Extras, Service


class Bucket(Service):
    """A bucket, which needs `s3:PutObject`."""

    service, action = "s3", "s3:PutObject"

    def limit(self, env: Environment, arn: Arn) -> int | None:
        """No limit that a record could reach."""

    def key_id(self, env: Environment, arn: Arn) -> str | None:
        """The key of the default encryption of the bucket."""
        try:
            found = env.clients["s3"].get_bucket_encryption(Bucket=arn.name)["ServerSideEncryptionConfiguration"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
                return None
            raise
        defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in found["Rules"]]
        by_kms = [each for each in defaults if str(each.get("SSEAlgorithm", "")).startswith("aws:kms")]
        return next((each.get("KMSMasterKeyID") or "alias/aws/s3" for each in by_kms), None)

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:  # noqa: ARG002  (objects have no extras)
        """Put the object, and get it back."""
        assert delivery.record is not None
        s3, bucket = env.clients["s3"], Arn.parse(delivery.target.arn).name
        key = s3_object(delivery.record).key
        s3.put_object(Bucket=bucket, Key=key, Body=delivery.body.encode())
        delivery.message_id = key
        delivery.arrived = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        delivery.read_back = delivery.arrived == delivery.body
