"""Files that engines on this machine make alike."""

from pathlib import Path


def join_sound(picture: Path, sound: Path, video: Path, *, sample_rate: int) -> None:
    """Join sound to picture as AAC; the picture is copied, not encoded again. Both sources are removed.

    Raises:
        EncodeError: ffmpeg could not.
    """
    from kling_post.media.encode import MOVIE_TIMESCALE
    from kling_post.media.ffmpeg import run_ffmpeg

    run_ffmpeg(
        [
            *("-i", f"file:{picture}", "-i", f"file:{sound}", "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
            *("-c:a", "aac", "-b:a", "256k", "-ar", str(sample_rate), "-ac", "2"),
            *("-movie_timescale", str(MOVIE_TIMESCALE), "-movflags", "+faststart+use_metadata_tags"),
        ],
        output=video,
        label="sound",
    )
    picture.unlink()
    sound.unlink()
