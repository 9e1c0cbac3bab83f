from pathlib import Path

from kling_post.edit.timeline import Timeline
from kling_post.exports import ale


def test_each_take_is_one_line_over_its_whole_length(two_worlds: Timeline, tmp_path: Path) -> None:
    notes = ale.write(two_worlds, tmp_path / "two.ale")
    assert (tmp_path / "two.ale").read_bytes().decode("utf-8").split("\r\n") == [
        "Heading",
        "FIELD_DELIM\tTABS",
        "VIDEO_FORMAT\tCUSTOM",
        "AUDIO_FORMAT\t48khz",
        "FPS\t24",
        "",
        "Column",
        "Name\tTracks\tStart\tEnd\tTape\tSource File\tFPS\tImage Size\tComments",
        "",
        "Data",
        "caravan\tVA1A2\t00:00:00:00\t00:00:04:00\tCARAVAN\tcaravan.mp4\t24\t3840x2160\tshots caravan_1, caravan_2",
        "glacier\tV\t00:00:10:00\t00:00:14:00\tGLACIER\tglacier.mp4\t24\t3840x2160\tshots glacier",
        "",
    ]
    assert "not the edit" in notes[0]
