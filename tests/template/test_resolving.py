"""Parameters, mappings, conditions and functions, in the form to deploy and in the form to judge."""

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from lambda_destinations.errors import DeployError
from lambda_destinations.template import UNKNOWN, Given, Stack, is_known, resolve, resolve_app
from template.conftest import TRUST, arn, base

QUEUE = {"Type": "AWS::SQS::Queue"}


def resolved(value, *, given=None, resources=None, **sections):
    """Return a value in the form to deploy and in the form to judge. It is in a property without a schema."""
    holder = {"Type": "AWS::Test::Thing", "Properties": {"Value": value}}
    template = {"Resources": {"Queue": QUEUE, "Thing": holder, **(resources or {})}, **sections}
    found = resolve(Stack(name="S", template=template, folder=None), given or Given(region="eu-west-1"))
    return (
        found.template["Resources"]["Thing"]["Properties"].get("Value"),
        found.resources["Thing"].properties.get("Value"),
        found,
    )


P = {
    "P": {"Type": "String", "Default": "p"},
    "L": {"Type": "CommaDelimitedList", "Default": "a, b"},
    "None": {"Type": "String"},
}
PURE = {
    "Ref": ({"Ref": "P"}, "p"),
    "a list": ({"Ref": "L"}, ["a", "b"]),
    "Join": ({"Fn::Join": ["-", ["a", 1, True, {"Ref": "P"}]]}, "a-1-true-p"),
    "Join of a list": ({"Fn::Join": ["-", {"Ref": "L"}]}, "a-b"),
    "Join with a removed item": ({"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, "b"]]}, "a-b"),
    "Sub": ({"Fn::Sub": "${P}-${!P}-${AWS::Region}"}, "p-${P}-eu-west-1"),
    "Sub with names": ({"Fn::Sub": ["${a}${P}", {"a": {"Fn::Select": ["1", {"Ref": "L"}]}}]}, "bp"),
    "Split": ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
    "Select of Split": ({"Fn::Select": [0, {"Fn::Split": ["|", {"Fn::Join": ["|", ["x", "y"]]}]}]}, "x"),
    "Base64": ({"Fn::Base64": {"Fn::Sub": "${P}"}}, "cA=="),
    "FindInMap": ({"Fn::FindInMap": ["M", {"Ref": "P"}, "k"]}, 7),
    "FindInMap with a default": ({"Fn::FindInMap": ["M", "x", "k", {"DefaultValue": {"Ref": "P"}}]}, "p"),
    "Cidr": ({"Fn::Cidr": ["192.168.0.0/24", 2, 5]}, ["192.168.0.0/27", "192.168.0.32/27"]),
    "GetAZs": ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
    "Length": ({"Fn::Length": {"Ref": "L"}}, 2),
    "ToJsonString": ({"Fn::ToJsonString": {"a": [1, {"Ref": "P"}]}}, '{"a":[1,"p"]}'),
    "If": ({"Fn::If": ["On", {"Ref": "P"}, "no"]}, "p"),
    "If in If": ({"Fn::If": ["Off", 1, {"Fn::If": ["On", [{"Fn::If": ["Off", 1, {"Ref": "AWS::NoValue"}]}], 2]}]}, []),
    "If to nothing": ({"a": {"Fn::If": ["Off", 1, {"Ref": "AWS::NoValue"}]}, "b": 1}, {"b": 1}),
    "an imported value that was given": ({"Fn::ImportValue": {"Fn::Sub": "${P}-x"}}, "imported"),
    "ssm": ("a{{resolve:ssm:/n:3}}b{{resolve:ssm:/n}}", "avbv"),
    "a secret": ("{{resolve:secretsmanager:s:SecretString:k}}", "w"),
    "a secret by ARN": (
        {"Fn::Sub": "{{resolve:secretsmanager:arn:${AWS::Partition}:secretsmanager:r:1:secret:s-AbCdEf:SecretString:k::}}"},
        "w",
    ),
    "a whole secret": ("{{resolve:secretsmanager:s}}", '{"k": "w"}'),
}  # fmt: skip
SECTIONS = {
    "Parameters": P,
    "Mappings": {"M": {"p": {"k": 7}}},
    "Conditions": {"On": {"Fn::Equals": [{"Ref": "P"}, "p"]}, "Off": {"Fn::Not": [{"Condition": "On"}]}},
}
GIVEN = Given(region="eu-west-1", exports={"p-x": "imported"}, ssm={"/n": "v"}, secrets={"s": '{"k": "w"}'})


@pytest.mark.parametrize("case", PURE.values(), ids=PURE)
def test_a_value_without_a_reference_to_a_resource_is_the_same_in_both_forms(case):
    value, wanted = case
    deployed, judged, found = resolved(value, given=GIVEN, **SECTIONS)
    assert (deployed, judged, found.missing) == (wanted, wanted, ())


QUEUE_ARN = "arn:aws:sqs:eu-west-1:000000000000:q"
NAMED = {"Queue": {**QUEUE, "Properties": {"QueueName": "q"}}}
REFERRING = {
    "GetAtt": ({"Fn::GetAtt": "Queue.Arn"}, {"Fn::GetAtt": ["Queue", "Arn"]}, QUEUE_ARN),
    "Ref": ({"Ref": "Queue"}, {"Ref": "Queue"}, "https://sqs.eu-west-1.amazonaws.com/000000000000/q"),
    "Sub": ({"Fn::Sub": "${Queue.Arn}/${P}"}, {"Fn::Join": ["", [arn("Queue"), "/p"]]}, f"{QUEUE_ARN}/p"),
    "Join": ({"Fn::Join": [":", ["a", arn("Queue"), "b"]]}, {"Fn::Join": ["", ["a:", arn("Queue"), ":b"]]}, f"a:{QUEUE_ARN}:b"),
    "Select of Split": (
        {"Fn::Select": [5, {"Fn::Split": [":", arn("Queue")]}]},
        {"Fn::Select": ["5", {"Fn::Split": [":", arn("Queue")]}]},
        "q",
    ),
    "Select": ({"Fn::Select": [1, ["a", arn("Queue")]]}, arn("Queue"), QUEUE_ARN),
    "Base64": ({"Fn::Base64": {"Ref": "Topic"}}, {"Fn::Base64": {"Ref": "Topic"}}, "YXJuOmF3czpzbnM6ZXUtd2VzdC0xOjAwMDAwMDAwMDAwMDp0"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFERRING.values(), ids=REFERRING)
def test_a_reference_stays_in_the_form_to_deploy_and_becomes_a_plausible_name_in_the_form_to_judge(case):
    value, deployed, judged = case
    resources = {**NAMED, "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}}
    assert resolved(value, resources=resources, **SECTIONS)[:2] == (deployed, judged)


MISSING = {
    "parameter": ({"Ref": "None"}, "None"),
    "import": ({"Fn::ImportValue": "x"}, "x"),
    "ssm": ("{{resolve:ssm:/gone}}", "/gone"),
    "secret": ("{{resolve:secretsmanager:gone:SecretString:k}}", "gone"),
}


@pytest.mark.parametrize("kind", MISSING)
def test_a_value_that_was_not_given_is_unknown_and_listed_as_missing(kind):
    value, name = MISSING[kind]
    deployed, judged, found = resolved({"Fn::Join": ["", ["a/", value]]}, **SECTIONS)
    assert deployed == judged == f"a/{UNKNOWN}"
    assert not is_known(judged)
    assert [(each.kind, each.name) for each in found.missing] == [(kind, name)]


def test_a_parameter_of_parameter_store_has_the_stored_value_and_never_the_name():
    parameters = {"S": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/list"}}
    assert resolved({"Ref": "S"}, given=Given(ssm={"/list": "a,b"}), Parameters=parameters)[0] == ["a", "b"]
    assert resolved({"Ref": "S"}, Parameters=parameters)[0] == UNKNOWN
    unused = resolved("x", Parameters=parameters)[2]
    assert unused.missing == ()


def test_an_attribute_of_a_custom_resource_is_unknown():
    resources = {"Custom": {"Type": "Custom::Thing"}}
    deployed, judged, _ = resolved({"Fn::Sub": "a-${Custom.Value}"}, resources=resources)
    assert deployed == {"Fn::Join": ["", ["a-", {"Fn::GetAtt": ["Custom", "Value"]}]]}
    assert judged == f"a-{UNKNOWN}"


PARAMETERS = {
    "numbers as text": ({"Type": "Number", "AllowedValues": [1, 2], "Default": "2"}, None, "2"),
    "text as numbers": ({"Type": "String", "AllowedValues": ["1", "2"], "Default": 2}, None, "2"),
    "a boolean": ({"Type": "String", "AllowedValues": [True, False], "Default": "true"}, None, "true"),
    "given": ({"Type": "String", "Default": "a"}, "b", "b"),
    "an empty list": ({"Type": "CommaDelimitedList", "Default": ""}, None, []),
    "ids": ({"Type": "List<AWS::EC2::Subnet::Id>"}, "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
}


@pytest.mark.parametrize("case", PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_are_compared_as_text(case):
    definition, value, wanted = case
    given = Given(parameters={} if value is None else {"S.Q": value})
    assert resolved({"Ref": "Q"}, given=given, Parameters={"Q": definition})[0] == wanted


REFUSED = {
    "a value that is not allowed": ({"Type": "String", "AllowedValues": ["a"]}, "b", "not one of a"),
    "a text for a number": ({"Type": "Number"}, "x", "not a number"),
    "too small": ({"Type": "Number", "MinValue": 2}, "1", "outside of"),
    "too long": ({"Type": "String", "MaxLength": "2"}, "abc", "3 characters"),
    "another pattern": ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "does not match"),
    "no type": ({"Default": "a"}, None, "has no Type"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_parameter_that_cloudformation_refuses_is_refused(case):
    definition, value, message = case
    with pytest.raises(DeployError, match=message):
        resolved("x", given=Given(parameters={} if value is None else {"Q": value}), Parameters={"Q": definition})


def test_a_parameter_that_no_stack_has_is_refused():
    with pytest.raises(DeployError, match="no stack has a parameter Nope; they have P"):
        resolved("x", given=Given(parameters={"Nope": "a"}), Parameters={"P": {"Type": "String"}})


BROKEN = {
    "no such name": ({"Ref": "Gone"}, "no resource or parameter 'Gone'"),
    "no such pseudo parameter": ({"Ref": "AWS::Gone"}, "no pseudo parameter"),
    "a false condition": ({"Ref": "Off"}, "refers to Off, whose condition is false"),
    "a false condition in Sub": ({"Fn::Sub": "${Off.Arn}"}, "whose condition is false"),
    "no such condition": ({"Fn::If": ["Gone", 1, 2]}, "no condition 'Gone'"),
    "itself": ({"Ref": "Thing"}, "need one another"),
    "no such mapping": ({"Fn::FindInMap": ["M", "a", "b"]}, "no mapping has M / a / b"),
    "out of range": ({"Fn::Select": [2, ["a"]]}, "no item '2'"),
    "not a function": ({"Fn::Nope": 1}, "Fn::Nope is not a function"),
    "a list in a text": ({"Fn::Join": ["", [["a"]]]}, "takes texts"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_a_value_that_cloudformation_refuses_gets_a_clear_message(case):
    value, message = case
    with pytest.raises(DeployError, match=message):
        resolved(value, resources={"Off": {**QUEUE, "Condition": "Off"}}, **SECTIONS)


def test_a_branch_that_is_not_taken_may_refer_to_an_absent_resource():
    resources = {"Off": {**QUEUE, "Condition": "Off"}}
    assert resolved({"Fn::If": ["Off", arn("Off"), "x"]}, resources=resources, **SECTIONS)[0] == "x"


def test_a_resource_with_a_false_condition_is_removed_also_from_depends_on_and_outputs():
    resources = {"Off": {**QUEUE, "Condition": "Off"}, "Next": {**QUEUE, "DependsOn": ["Off", "Queue"]}}
    outputs = {"Gone": {"Condition": "Off", "Value": arn("Off")}, "Here": {"Condition": "On", "Value": "x"}}
    _, _, found = resolved("x", resources=resources, Outputs=outputs, **SECTIONS)
    assert "Off" not in found.template["Resources"]
    assert found.template["Resources"]["Next"]["DependsOn"] == ["Queue"]
    assert found.outputs == {"Here": "x"}
    assert found.template.keys() == {"Resources", "Outputs"}


def test_conditions_in_a_cycle_are_refused():
    conditions = {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Or": [{"Condition": "A"}, {"Condition": "A"}]}}
    with pytest.raises(DeployError, match="depends on itself"):
        resolved("x", Conditions=conditions)


def test_a_condition_on_a_missing_value_leaves_both_branches_possible():
    conditions = {"Open": {"Fn::Equals": [{"Ref": "None"}, "a"]}}
    resources = {"Maybe": {**QUEUE, "Condition": "Open"}}
    _, judged, found = resolved(
        {"Fn::If": ["Open", "a", "b"]}, resources=resources, Parameters=P, Conditions=conditions
    )
    assert judged == UNKNOWN
    assert (found.resources["Maybe"].certain, found.resources["Queue"].certain) == (False, True)
    assert resolved({"Fn::If": ["Open", "a", "a"]}, Parameters=P, Conditions=conditions)[1] == "a"


# Conditions as trees: a leaf is true, false or not known, and the result is that of Kleene's logic.
LEAVES = {
    True: {"Fn::Equals": ["a", "a"]},
    False: {"Fn::Equals": ["a", "b"]},
    None: {"Fn::Equals": [{"Ref": "None"}, "a"]},
}
TREES = st.recursive(
    st.sampled_from([True, False, None]),
    lambda inner: st.one_of(
        st.tuples(st.just("Fn::Not"), st.lists(inner, min_size=1, max_size=1)),
        st.tuples(st.sampled_from(["Fn::And", "Fn::Or"]), st.lists(inner, min_size=2, max_size=4)),
    ),
    max_leaves=12,
)


def written(tree, conditions, *, named):
    if not isinstance(tree, tuple):
        node = LEAVES[tree]
    else:
        node = {tree[0]: [written(each, conditions, named=not named) for each in tree[1]]}
    if not named:
        return node
    name = f"C{len(conditions)}"
    conditions[name] = node
    return {"Condition": name}


def meaning(tree):
    if not isinstance(tree, tuple):
        return {tree}
    inner = [meaning(each) for each in tree[1]]
    if tree[0] == "Fn::Not":
        return {None if each is None else not each for each in inner[0]}
    values = [next(iter(each)) for each in inner]
    deciding = tree[0] == "Fn::Or"
    return {deciding if deciding in values else None if None in values else not deciding}


@drawn(tree=TREES, named=st.booleans())
def test_conditions_of_conditions_follow_kleenes_logic(tree, named):
    conditions = {}
    conditions["Top"] = written(tree, conditions, named=named)
    _, judged, _ = resolved({"Fn::If": ["Top", "yes", "no"]}, Parameters=P, Conditions=conditions)
    assert judged == {True: "yes", False: "no", None: UNKNOWN}[next(iter(meaning(tree)))]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(blacklist_categories=["Cs", "Co"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@drawn(value=PLAIN)
def test_functions_around_a_plain_value_do_not_change_it(value):
    chosen = {"Fn::If": ["On", {"Fn::Select": [1, ["x", value]]}, {"Ref": "AWS::NoValue"}]}
    assert resolved(chosen, **SECTIONS)[:2] == (value, value)
    assert resolved([chosen, {"Ref": "AWS::NoValue"}], **SECTIONS)[0] == [value]


@drawn(
    parts=st.lists(st.text("ab:$", max_size=3), min_size=1, max_size=6), separator=st.sampled_from([":", "--", "ba"])
)
def test_join_and_split_undo_each_other(parts, separator):
    joined = resolved({"Fn::Join": [separator, parts]})[0]
    assert joined == separator.join(parts)
    assert resolved({"Fn::Split": [separator, joined]})[0] == joined.split(separator)


def test_scalars_get_the_type_in_the_schema():
    resources = base()
    resources["Fn"]["Properties"] |= {
        "Timeout": "30",
        "Environment": {"Variables": {"NN": 7, "BB": True, "FF": 1.5, "SS": {"Ref": "P"}}},
    }
    resources["Config"]["Properties"]["MaximumRetryAttempts"] = {"Ref": "P"}
    template = {"Parameters": {"P": {"Type": "Number", "Default": 1}}, "Resources": resources}
    found = resolve(Stack(name="S", template=template, folder=None))
    for form in (found.template["Resources"]["Fn"]["Properties"], found.resources["Fn"].properties):
        assert form["Timeout"] == 30
        assert form["Environment"]["Variables"] == {"NN": "7", "BB": "true", "FF": "1.5", "SS": "1"}
    assert found.template["Resources"]["Config"]["Properties"]["MaximumRetryAttempts"] == 1


def test_an_import_finds_the_export_of_another_stack_of_the_app():
    queue = {"Resources": {"Queue": QUEUE}, "Outputs": {"Q": {"Value": arn("Queue"), "Export": {"Name": "A:Q"}}}}
    user = {"Resources": {"T": {"Type": "AWS::Test::Thing", "Properties": {"Q": {"Fn::ImportValue": "A:Q"}}}}}
    made = [Stack(name=name, template=each, folder=None) for name, each in (("A", queue), ("B", user))]
    first, second = resolve_app(made)
    assert second.resources["T"].properties["Q"] == first.resources["Queue"].arn
    assert second.template["Resources"]["T"]["Properties"]["Q"] == {"Fn::ImportValue": "A:Q"}
    assert second.missing == ()


def test_the_same_resource_in_two_stacks_has_two_arns():
    made = [Stack(name=name, template={"Resources": {"Queue": QUEUE}}, folder=None) for name in ("A", "B")]
    first, second = resolve_app(made)
    assert first.resources["Queue"].arn != second.resources["Queue"].arn


@pytest.fixture
def nested(tmp_path):
    """A stack with two nested stacks. Both have the same template, with a queue as parameter and as output."""
    inner = {
        "Parameters": {"Where": {"Type": "String"}, "Named": {"Type": "String", "Default": "no"}},
        "Conditions": {"Named": {"Fn::Equals": [{"Ref": "Named"}, "yes"]}},
        "Resources": {
            "Own": QUEUE,
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            "Thing": {"Type": "AWS::Test::Thing", "Condition": "Named", "Properties": {"Where": {"Ref": "Where"}}},
        },
        "Outputs": {"Own": {"Value": arn("Own")}},
    }
    import json

    (tmp_path / "asset.inner.json").write_text(json.dumps(inner))

    def stack(where):
        url = {"Fn::Sub": "https://bucket/inner-key"}
        return {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": url, "Parameters": {"Where": where, "Named": "yes"}},
        }

    template = {
        "Resources": {
            "Queue": QUEUE,
            "One": stack(arn("Queue")),
            "Two": stack({"Fn::GetAtt": ["One", "Outputs.Own"]}),
        }
    }
    return Stack(
        name="S", template=template, folder=tmp_path, assets={"inner-key": tmp_path / "asset.inner.json"},
        source=tmp_path / "S.json",
    )  # fmt: skip


def test_nested_stacks_get_and_return_values_and_have_their_own_arns(nested):
    found = resolve(nested)
    one, two = found.nested["One"], found.nested["Two"]
    assert one.resources["Thing"].properties == {"Where": found.resources["Queue"].arn}
    assert two.resources["Thing"].properties == {"Where": one.resources["Own"].arn}
    assert one.resources["Own"].arn != two.resources["Own"].arn
    assert one.template["Parameters"] == {"Where": {"Type": "String"}}
    assert one.template["Resources"]["Thing"]["Properties"] == {"Where": {"Ref": "Where"}}
    assert found.template["Resources"]["Two"]["Properties"]["Parameters"]["Where"] == {
        "Fn::GetAtt": ["One", "Outputs.Own"]
    }


def test_a_stack_that_nests_itself_is_refused(nested, tmp_path):
    import json

    (tmp_path / "asset.inner.json").write_text(json.dumps(nested.template))
    with pytest.raises(DeployError, match="nests itself"):
        resolve(nested)
