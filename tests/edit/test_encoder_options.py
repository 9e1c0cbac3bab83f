import pytest

from kling_post.edit.encoder_options import checked_options
from kling_post.errors import UsageError


def test_settings_of_an_encoder_are_taken() -> None:
    assert checked_options("") == {}
    assert checked_options("-crf 14 -preset slow -b:a 320k -x265-params 'aq-mode=3:psy-rd=1.5:no-sao'") == {
        "crf": "14",
        "preset": "slow",
        "b:a": "320k",
        "x265-params": "aq-mode=3:psy-rd=1.5:no-sao",
    }
    assert checked_options("-qp -1") == {"qp": "-1"}


@pytest.mark.parametrize(
    "text",
    [
        "-i other.mp4",
        "-vf movie=/etc/passwd",
        "-filter_complex nullsrc",
        "-map 0:1",
        "-f mpegts",
        "-pix_fmt yuv420p",
        "-r 30",
        "-colorspace bt470bg",
        "-c:v libx264",
        "out.mp4",
        "-crf 14 extra.mp4",
        "-crf",
        "-crf file:/etc/passwd",
        "-crf ''",
        "-preset 'slow",
        "-x265-params csv=/home/me/.bashrc",
        "-x265-params aq-mode=1:colorprim=9",
        "-x264-params stats=a.log",
        "-x264-params open-gop=1",
        "-attach a.txt",
        "-passlogfile a",
        "-preset -y",
    ],
)
def test_anything_else_is_refused_before_it_runs(text: str) -> None:
    with pytest.raises(UsageError, match="--ffmpeg-arguments"):
        checked_options(text)


def test_a_misspelt_option_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean -preset"):
        checked_options("-presett slow")
