"""Every rule finds what its samples say, nothing else, and its page's own examples are true."""

from __future__ import annotations

import re
import warnings
from collections import Counter

import pytest

import fumehood.practices
from fumehood.engines.address import AddressCheck
from fumehood.engines.attack import AnswerCheck, AttackCheck
from fumehood.engines.live import LiveCheck, ProjectCheck
from fumehood.findings import DuplicateRule, Rule, discover, practice_of
from rules.samples import HERE, expectations, found, look, only_attack, page, samples, write_examples

RULES = {rule.id: rule for rule in discover(fumehood.practices)}
SAMPLES = list(samples())
HEADINGS = ["What it finds", "Why it is bad", "Example", "Use instead", "References"]


def _rules_named(sample, expected) -> list[Rule]:
    names = {sample.rule} | {place[2] for counter in expected.values() for place in counter}
    unknown = names - set(RULES)
    assert not unknown, f"{sample.name} names rules that do not exist: {sorted(unknown)}"
    return [RULES[name] for name in sorted(names)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_finds_what_the_sample_says(sample, tmp_path):
    expected = expectations(sample)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sample's own imports may warn; that is not what is tested
        seen = found(sample, _rules_named(sample, expected), tmp_path)
    assert seen == expected["finds"] + expected["spurious"]
    assert not expected["missing"] & seen, "a known gap is closed: write `finds` instead of `missing`"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_bad_samples_are_bad_and_good_ones_good(sample):
    expected = expectations(sample)
    own = Counter(
        {
            place: count
            for place, count in (expected["finds"] + expected["missing"]).items()
            if place[2] == sample.rule
        }
    )
    assert bool(own) == (sample.kind == "bad")


@pytest.mark.parametrize("rule_id", RULES)
def test_rule_has_both_kinds_of_samples(rule_id):
    kinds = {sample.kind for sample in SAMPLES if sample.rule == rule_id}
    assert kinds == {"bad", "good"}, f"tests/rules/{rule_id} needs bad/ and good/ samples"


def test_no_samples_of_rules_that_are_gone():
    assert {sample.rule for sample in SAMPLES} <= set(RULES)
    assert {folder.name for folder in HERE.glob("FH*")} <= set(RULES)


@pytest.mark.parametrize("rule_id", RULES)
def test_identity(rule_id):
    rule = RULES[rule_id]
    module = type(rule).__module__
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name), "the name is kebab-case, two words or more"
    assert module == f"fumehood.practices.{practice_of(rule_id).name}.rules.{rule.name.replace('-', '_')}"
    assert type(rule).__name__.lower() == rule.name.replace("-", "")
    assert isinstance(rule.cwe, int)
    assert rule.cwe > 0
    assert all(re.fullmatch(r"v5\.0\.0-\d+\.\d+\.\d+", item) for item in rule.asvs)


@pytest.mark.parametrize("rule_id", RULES)
def test_page_has_its_headings(rule_id):
    sections = page(RULES[rule_id])
    assert list(sections)[1:] == HEADINGS
    assert all(text.strip() for text in sections.values())
    assert "https://" in sections["References"]
    assert sections[""].strip().endswith("."), "the summary line is a sentence"


@pytest.mark.parametrize("rule_id", RULES)
@pytest.mark.parametrize("heading", ["Example", "Use instead"])
def test_page_examples_are_true(rule_id, heading, tmp_path):
    rule = RULES[rule_id]
    root = tmp_path / "example"
    root.mkdir()
    names = write_examples(page(rule)[heading], root)
    assert names, (
        "the section has an example: a fenced python block, or one whose first line is `# file: NAME`"
    )
    app_file = "app.py" if "app.py" in names and (isinstance(rule, LiveCheck) or only_attack(rule)) else ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = look(root, app_file, [rule])
    assert bool(findings) == (heading == "Example"), findings


def test_every_rule_can_be_shown_by_an_engine():
    import fumehood.engines.code as code

    checks = [
        AddressCheck,
        AnswerCheck,
        AttackCheck,
        LiveCheck,
        ProjectCheck,
        *(getattr(code, name) for name in ("CodeCheck", "FlowCheck") if hasattr(code, name)),
    ]
    assert [rule.id for rule in RULES.values() if not isinstance(rule, tuple(checks))] == []


def test_two_rules_of_one_id_are_refused(tmp_path, monkeypatch):
    package = tmp_path / "lab"
    for practice, name in (("one", "first_rule"), ("two", "second_rule")):
        folder = package / practice / "rules"
        folder.mkdir(parents=True)
        for place in (package, package / practice, folder):
            (place / "__init__.py").touch()
        (folder / f"{name}.py").write_text(
            f"from fumehood.findings import Rule\nclass Same(Rule):\n    id = 'FH101'\n    name = '{name}'\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    import lab

    with pytest.raises(DuplicateRule, match="FH101"):
        discover(lab)


def test_pages_are_short():
    long = {rule.id: len((rule.__doc__ or "").splitlines()) for rule in RULES.values()}
    assert {rule_id: lines for rule_id, lines in long.items() if lines > 85} == {}
