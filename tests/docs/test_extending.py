"""The example in docs/extending.md works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest
from plain_facts import plain_facts

from kling_post.checks import registry
from kling_post.checks.check import Subject
from kling_post.checks.judge import judge
from kling_post.vocabulary import Severity, TakePlan

GUIDE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("luma", "expected"), [(30.0, 1), (90.0, 0)])
def test_the_example_check_is_asked_and_judges(luma: float, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    example = next(block for block in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "class TooDark:" in block)
    namespace: dict[str, object] = {"__name__": "too_dark"}
    exec(compile(example, "docs/extending.md", "exec"), namespace)
    monkeypatch.setattr("kling_post.checks.judge.all_checks", lambda: {"too_dark": namespace["CHECK"]})
    subject = Subject(facts=plain_facts(), plan=TakePlan(), signals={"luma": {"mean": np.full(24, luma)}}, loudness=None)
    findings = judge(subject).findings
    assert [finding.severity for finding in findings] == [Severity.REVIEW] * expected
    lenient = judge(subject, overrides={"too_dark": {"mean_code_values": 10.0}})
    assert not lenient.findings


def test_the_guide_names_the_entry_points_that_are_read() -> None:
    assert f'"{registry.ENTRY_POINTS}"' in GUIDE


def test_the_guide_names_folders_that_there_are() -> None:
    root = Path(__file__).parents[2]
    for folder in re.findall(r"`(kling_post/[\w/]+/)`", GUIDE):
        assert (root / folder).is_dir(), folder
