"""Templates and assemblies as both major versions of the CDK write them, and files that are neither."""

import json

import pytest

from lambda_destinations.errors import DeployError, UnknownName
from local.conftest import QUEUE

CODE = "def handler(event, context): return 'ran'"
HASH = "b" * 64


def write_assembly(folder, stacks, artifacts=None):
    """A cloud assembly: `stacks` maps names to a template and the properties of its artifact."""
    (folder / f"asset.{HASH}").mkdir(parents=True, exist_ok=True)
    (folder / f"asset.{HASH}" / "index.py").write_text(CODE)
    manifest = {"version": "36.0.0", "artifacts": dict(artifacts or {})}
    for name, (template, extra) in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        manifest["artifacts"][name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": f"{name}.template.json"},
            **extra,
        }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_version_2_names_its_assets_by_object_key(local_aws, template):
    """A manifest of assets, a bootstrap version that needs no value, and metadata in its own file."""
    key = f"prefix/{HASH}.zip"
    template.function(Code={"S3Bucket": {"Fn::Sub": "cdk-${AWS::AccountId}"}, "S3Key": key})
    document = {
        "Resources": template.resources,
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Equals": ["a", "b"]}}]}},
    }
    assets = {
        "files": {
            HASH: {
                "source": {"path": f"asset.{HASH}", "packaging": "zip"},
                "destinations": {"current": {"bucketName": "cdk", "objectKey": key}},
            }
        }
    }
    folder = template.folder / "cdk.out"
    write_assembly(
        folder,
        {"App": (document, {"dependencies": ["App.assets"], "additionalMetadataFile": "App.metadata.json"})},
        {"App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}}},
    )
    (folder / "App.assets.json").write_text(json.dumps(assets))
    entry = {"type": "aws:cdk:logicalId", "data": "Source"}
    (folder / "App.metadata.json").write_text(json.dumps({"/App/Orders/Handler/Resource": [entry]}))
    app = local_aws.deploy(folder)
    for name in ("Source", "App/Orders/Handler", "Orders/Handler", "Handler"):
        assert app.invoke(name).response_payload == "ran"
    assert app.functions == ["App/Orders/Handler"]


def test_version_1_names_its_assets_by_parameter(local_aws, template):
    """Three parameters for each asset, and metadata in the manifest."""
    parameters = {name: f"AssetParameters{HASH}{name}1234" for name in ("S3Bucket", "S3VersionKey", "ArtifactHash")}
    part = {"Fn::Split": ["||", {"Ref": parameters["S3VersionKey"]}]}
    key = {"Fn::Join": ["", [{"Fn::Select": [0, part]}, {"Fn::Select": [1, part]}]]}
    template.function(Code={"S3Bucket": {"Ref": parameters["S3Bucket"]}, "S3Key": key})
    document = {
        "Resources": template.resources,
        "Parameters": {name: {"Type": "String"} for name in parameters.values()},
    }
    asset = {"path": f"asset.{HASH}", "packaging": "zip", "s3KeyParameter": parameters["S3VersionKey"]}
    metadata = {
        "/App": [{"type": "aws:cdk:asset", "data": asset}],
        "/App/Handler/Resource": [{"type": "aws:cdk:logicalId", "data": "Source"}],
    }
    folder = write_assembly(template.folder / "cdk.out", {"App": (document, {"metadata": metadata})})
    assert local_aws.deploy(folder).invoke("App/Handler").response_payload == "ran"


def test_stacks_are_deployed_in_their_order_and_share_exports(local_aws, template, tmp_path):
    """A queue in one stack, the function in another, and a nested assembly, as a CDK stage makes it."""
    shared = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"Q": {"Value": QUEUE, "Export": {"Name": "queue"}}},
    }
    template.source("success", {"Fn::ImportValue": "queue"}, "sqs")
    folder = tmp_path / "cdk.out"
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}
    write_assembly(
        folder,
        {"App": ({"Resources": template.resources}, {"dependencies": ["Shared"]}), "Shared": (shared, {})},
        {"Stage": stage},
    )
    staged = type(template)(tmp_path)
    staged.function("Staged")
    write_assembly(folder / "assembly-Stage", {"Staged": ({"Resources": staged.resources}, {})})
    app = local_aws.deploy(folder)
    assert len(app.invoke("Source").delivered_to("Shared/Queue")) == 1
    assert app.invoke("Staged").condition == "Success"
    app.close()
    assert local_aws.deploy(folder, stack="App").functions == ["App/Source"]
    with pytest.raises(UnknownName, match="there is no stack 'Ap'; the stacks are: "):
        local_aws.deploy(folder, stack="Ap")


def test_a_stack_without_resources_is_skipped(local_aws, template):
    """As the CDK does."""
    template.function()
    folder = template.folder / "cdk.out"
    write_assembly(folder, {"Empty": ({}, {}), "App": ({"Resources": template.resources}, {})})
    assert local_aws.deploy(folder).functions == ["App/Source"]


def test_a_stack_goes_to_the_account_and_region_that_it_names(local_aws, template):
    """The ARNs in its records have that account and region."""
    template.source("success", template.queue(), "sqs")
    environment = {"environment": "aws://123456789012/eu-west-1"}
    folder = write_assembly(template.folder / "cdk.out", {"App": ({"Resources": template.resources}, environment)})
    run = local_aws.deploy(folder).invoke("Source")
    assert run.problems == [], run
    assert run.record.function_arn.startswith("arn:aws:lambda:eu-west-1:123456789012:function:")


def test_a_template_of_more_than_51200_bytes_is_deployed(local_aws, template):
    """CloudFormation takes a larger one from a bucket only."""
    template.source("success", template.queue(), "sqs")
    for index in range(400):
        template.queue(f"Queue{index}", Tags=[{"Key": "k", "Value": "x" * 100}])
    path = template.write()
    assert path.stat().st_size > 51_200
    assert len(local_aws.deploy(path).invoke("Source").delivered_to("Queue")) == 1


def test_parameters_have_their_values(local_aws, template):
    """A default, a given value, and a clear message for one that is missing or unknown."""
    code = "import os\ndef handler(event, context): return [os.environ['AA'], os.environ['BB']]"
    template.function(code=code, Environment={"Variables": {"AA": {"Ref": "A"}, "BB": {"Ref": "B"}}})
    parameters = {"A": {"Type": "String", "Default": "a"}, "B": {"Type": "String"}}
    path = template.folder / "t.json"
    path.write_text(json.dumps({"Resources": template.resources, "Parameters": parameters}))
    with pytest.raises(DeployError, match="stack t needs a value for its parameter B"):
        local_aws.deploy(path)
    with pytest.raises(DeployError, match=r"has a parameter C; .* A, B"):
        local_aws.deploy(path, parameters={"B": "b", "C": "c"})
    assert local_aws.deploy(path, parameters={"B": "b"}).invoke("Source").response_payload == ["a", "b"]


def test_a_condition_that_is_false_leaves_its_resources_out(local_aws, template):
    """As CloudFormation does."""
    template.source("success", template.queue(), "sqs")
    template.function("Never", DeadLetterConfig={"TargetArn": QUEUE})
    for name in ("Never", "NeverRole"):
        template.resources[name]["Condition"] = "No"
    path = template.folder / "t.json"
    path.write_text(json.dumps({"Resources": template.resources, "Conditions": {"No": {"Fn::Equals": ["a", "b"]}}}))
    assert local_aws.deploy(path).functions == ["t/Source"]


def test_a_stack_is_deployed_again_after_it_was_closed(local_aws, template):
    """A second deployment before that is an error that says what to do."""
    template.source("success", template.add("Bucket", "AWS::S3::Bucket", BucketName="same"), "s3")
    template.resources["SourceConfigLATEST"]["Properties"]["DestinationConfig"] = {
        "OnFailure": {"Destination": {"Fn::GetAtt": ["Bucket", "Arn"]}}
    }
    template.resources["Bucket"]["DeletionPolicy"] = "Retain"
    app = local_aws.deploy(template.write())
    app.invoke("Source", {"Success": False})
    with pytest.raises(
        DeployError, match=r"stack Stack was refused: .*exists.*; correct it, or close the app that has it"
    ):
        local_aws.deploy(template.write())
    app.close()
    assert local_aws.deploy(template.write()).invoke("Source", {"Success": False}).problems == []


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ({}, "there is no .*; synthesize the app first"),
        ({"cdk.out/other": "x"}, "has no manifest.json, so it is not a cloud assembly"),
        ({"cdk.out/manifest.json": "{"}, "manifest.json is not JSON"),
        ({"cdk.out/manifest.json": "[]"}, "manifest.json does not hold a JSON object"),
        ({"cdk.out/manifest.json": "{}"}, "has no stack"),
        ({"cdk.out": "AWSTemplateFormatVersion: 2010-09-09\n"}, "has no Resources object"),
        ({"cdk.out": "[]"}, "does not hold a JSON object"),
        ({"cdk.out": "{}"}, "has no Resources object"),
        ({"cdk.out": '{"Resources": {"A": 1}}'}, "has no Resources object"),
        ({"cdk.out": '{"Resources": {"A": {}}}'}, "A in stack cdk has no Type"),
        ({"cdk.out": "\xff"}, "is not a text in UTF-8"),
        ({"cdk.out": "[" * 100_000}, "is nested too deeply"),
        (
            {
                "cdk.out/manifest.json": json.dumps(
                    {"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.json"}}}}
                )
            },
            "cannot read .*A.json: No such file or directory",
        ),
        (
            {"cdk.out/manifest.json": '{"artifacts": {"A": {"type": "aws:cloudformation:stack"}}}'},
            "manifest.json is no",
        ),
        ({"cdk.out/manifest.json": '{"artifacts": {"A": 1}}'}, "manifest.json is no"),
    ],
)
def test_what_is_not_an_app_is_refused(local_aws, tmp_path, files, match):
    """Each message says what to give."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="latin-1")
    with pytest.raises(DeployError, match=match):
        local_aws.deploy(tmp_path / "cdk.out")


def region(name, account="unknown-account"):
    """The members of the artifact of a stack in a region."""
    return {"environment": f"aws://{account}/{name}"}


def test_a_stack_name_may_be_used_in_two_regions(local_aws, template, tmp_path):
    """Two roles, two buckets and two queues: the names of roles and buckets must differ between regions."""
    template.add("Bucket", "AWS::S3::Bucket")
    template.source("success", template.queue(), "sqs")
    document = {"Resources": template.resources}
    folder = write_assembly(
        tmp_path / "cdk.out",
        {
            "Here": (
                document,
                {**region("us-east-1"), "properties": {"templateFile": "Here.template.json", "stackName": "App"}},
            ),
            "There": (
                document,
                {**region("eu-west-1"), "properties": {"templateFile": "There.template.json", "stackName": "App"}},
            ),
        },
    )
    app = local_aws.deploy(folder)
    roles = {each["RoleName"] for each in local_aws.client("iam").list_roles()["Roles"]}
    assert len(roles) == 2
    for where in ("us-east-1", "eu-west-1"):
        [arn] = [each for each in app._names["Source"] if f":{where}:" in each]
        assert app.invoke(arn).problems == []


def test_a_stack_is_deployed_to_its_own_account(local_aws, template, tmp_path):
    """A stack is deployed to its own account, and other accounts do not see its resources."""
    template.source("success", template.queue(QueueName="q"), "sqs", FunctionName="f")
    folder = write_assembly(
        tmp_path / "cdk.out", {"One": ({"Resources": template.resources}, region("eu-west-1", "111111111111"))}
    )
    app = local_aws.deploy(folder)
    assert app.invoke("Source").problems == []
    assert app.resource("Queue").arn == "arn:aws:sqs:eu-west-1:111111111111:q"
    assert not local_aws.client("sqs").list_queues(QueueNamePrefix="q").get("QueueUrls")


def test_a_reference_to_another_region_has_its_value(local_aws, template, tmp_path):
    """The CDK makes custom resources for them. These do not run here, but the values in them are known."""
    name = "/cdk/exports/App/FarQueueArn"
    far = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Writer": {
            "Type": "Custom::CrossRegionExportWriter",
            "Properties": {
                "ServiceToken": "arn:aws:lambda:eu-west-1:000000000000:function:x",
                "WriterProps": {"region": "us-east-1", "exports": {name: QUEUE}},
            },
        },
    }
    template.add(
        "Reader",
        "Custom::CrossRegionExportReader",
        ServiceToken="arn:aws:lambda:us-east-1:000000000000:function:x",
        ReaderProps={"region": "us-east-1", "prefix": "App", "imports": {name: f"{{{{resolve:ssm:{name}}}}}"}},
    )
    template.source("success", {"Fn::GetAtt": ["Reader", name]}, "sqs")
    folder = write_assembly(
        tmp_path / "cdk.out",
        {
            "App": ({"Resources": template.resources}, {**region("us-east-1"), "dependencies": ["Far"]}),
            "Far": ({"Resources": far}, region("eu-west-1")),
        },
    )
    app = local_aws.deploy(folder)
    assert len(app.invoke("Source").delivered_to("Far/Queue")) == 1


@pytest.mark.parametrize("padding", [0, 60_000], ids=["small", "more than 51,200 bytes"])
def test_a_nested_stack_gets_what_the_engine_forgets(local_aws, template, tmp_path, padding):
    """A parameter from the outer stack, a dead-letter queue in the nested stack, and an output of it."""
    inner = type(template)(tmp_path)
    queue = inner.queue()
    inner.function(
        "Inner",
        "def handler(e, c): raise ValueError('x')" + "\n#" + "x" * padding,
        allow={"sqs:SendMessage": [queue, {"Ref": "Outer"}]},
        DeadLetterConfig={"TargetArn": queue},
    )
    inner.configure("Inner", on_failure={"Ref": "Outer"})
    nested = {
        "Parameters": {"Outer": {"Type": "String"}},
        "Resources": inner.resources,
        "Outputs": {"Fn": {"Value": {"Ref": "Inner"}}},
    }
    folder = write_assembly(tmp_path / "cdk.out", {"App": ({"Resources": {}}, {})})
    (folder / "nested.json").write_text(json.dumps(nested))
    key = "c" * 64
    template.queue("Outer")
    template.add(
        "Nested",
        "AWS::CloudFormation::Stack",
        TemplateURL={"Fn::Sub": f"https://s3.amazonaws.com/cdk/{key}.json"},
        Parameters={"Outer": {"Fn::GetAtt": ["Outer", "Arn"]}},
    )
    template.queue("Reads", Tags=[{"Key": "fn", "Value": {"Fn::GetAtt": ["Nested", "Outputs.Fn"]}}])
    assets = {"files": {key: {"source": {"path": "nested.json"}, "destinations": {"c": {"objectKey": f"{key}.json"}}}}}
    (folder / "App.assets.json").write_text(json.dumps(assets))
    write_assembly(
        folder,
        {"App": ({"Resources": template.resources}, {"dependencies": ["App.assets"]})},
        {"App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}}},
    )
    run = local_aws.deploy(folder).invoke("Inner")
    assert run.problems == []
    assert len(run.delivered_to("Outer")) == 1
    assert len(run.delivered_to("Queue")) == 1
