"""Promoting shots of a draft: the price first, then one word in the file and nothing else."""

from decimal import Decimal
from pathlib import Path

import pytest

from kling_post.cli.app import main
from kling_post.errors import ProjectError
from kling_post.project import load_project
from kling_post.project.edit import promoted

TEXT = """\
# The edit of Monday.
name: monday
draft_model: klingai:kling-video@3-standard   # cheap first

shots:
  # opens
  - id: harbour
    prompt: "A harbour in rain."
    duration: 10
  - id: walk
    prompt: A long walk.
    duration: 20
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project.yaml"
    path.write_text(TEXT)
    return path


def test_a_promoted_shot_is_made_by_its_own_model_and_costs_what_that_costs(project: Path) -> None:
    edit = promoted(project, ["harbour"])
    assert edit.price_usd == Decimal("4.20")
    assert project.read_text() == TEXT
    edit.write()
    assert [shot.tasks[0].model.partition("@")[2] for shot in load_project(project).shots] == ["3-4k", "3-standard", "3-standard"]


def test_nothing_else_in_the_file_changes(project: Path) -> None:
    promoted(project, ["harbour"]).write()
    assert project.read_text() == TEXT.replace("  - id: harbour\n", "  - id: harbour\n    final: true\n")
    assert [path.name for path in project.parent.iterdir()] == ["project.yaml"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - prompt: One.\n", "  - final: true\n    prompt: One.\n"),
        ("  - prompt: |\n      One\n      more.\n    take: 2\n", "  - prompt: |\n      One\n      more.\n    final: true\n    take: 2\n"),
        ("  - {prompt: One., take: 2}\n", "  - {prompt: One., final: true, take: 2}\n"),
        ("  - prompt: One.\n    final: false\n", "  - prompt: One.\n    final: true\n"),
        ("  - prompt: One.\n    final: true\n", "  - prompt: One.\n    final: true\n"),
    ],
)
def test_a_shot_in_any_style_of_yaml_can_be_promoted(before: str, after: str, project: Path) -> None:
    head = "draft_model: klingai:kling-video@3-standard\nshots:\n"
    project.write_text(head + before)
    promoted(project, ["shot_01"]).write()
    assert project.read_text() == head + after


@pytest.mark.parametrize("name", ["walk", "walk_part2"])
def test_all_parts_of_a_chain_are_promoted_together(project: Path, name: str) -> None:
    edit = promoted(project, [name])
    assert [shot.shot_id for shot in edit.shots] == ["walk_part1", "walk_part2"]
    assert edit.price_usd == Decimal("8.40")


def test_an_unknown_shot_names_the_nearest_and_a_project_without_a_draft_is_refused(project: Path) -> None:
    with pytest.raises(ProjectError, match=r"no shot 'harbor'\. Did you mean 'harbour'"):
        promoted(project, ["harbor"])
    project.write_text(TEXT.replace("draft_model: klingai:kling-video@3-standard   # cheap first\n", ""))
    with pytest.raises(ProjectError, match="every shot is final already"):
        promoted(project, ["harbour"])


def test_the_verb_shows_the_price_and_changes_the_file_only_when_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", str(project), "harbour", "--yes"]) == 0
    assert "4.20" in capsys.readouterr().out
    assert "final: true" in project.read_text()
