"""The project in docs/edit.md works as it stands there."""

import re
from pathlib import Path

from kling_post.project import load_project
from kling_post.vocabulary import Fit, JoinKind

GUIDE = (Path(__file__).parents[2] / "docs" / "edit.md").read_text(encoding="utf-8")


def test_the_documented_project_is_read_whole(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert block
    (tmp_path / "project.yaml").write_text(block[1], encoding="utf-8")
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "theme.wav").touch()
    project = load_project(tmp_path / "project.yaml")
    harbour, pier = project.shots
    assert (harbour.edit.gain_db, harbour.edit.trim_tail_frames, len(harbour.edit.dialogue)) == (-5, 12, 1)
    assert (pier.join, pier.edit.sound_shift_frames, pier.edit.fit) == (JoinKind.DISSOLVE, -6, Fit.FILL)
    assert project.edit.tracks[0].clips[0].fade_out_frames == 48
