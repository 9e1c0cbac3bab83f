"""A correction reaches exactly the frames that it says, and only those are encoded again."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import AddedGrain, PictureCorrection, Reframing
from kling_post.edit.grain import grained
from kling_post.edit.picture import clip_frames
from kling_post.edit.plan import Segment, plan_picture
from kling_post.edit.reframe import reframed, share_left
from kling_post.edit.render import segment_name, take_indexes
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import H264_MASTER, FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size

DARKER = ColourTransform(slope=(0.8, 0.8, 0.8))


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """Two takes of 48 frames, 64x64, a key frame every second."""
    entries = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.mp4"
        with FrameWriter(path, size=Size(64, 64), rate=Fraction(24)) as writer:
            for frame in range(48):
                picture = np.full((64, 64, 3), 120, np.uint8)
                picture[:, frame : frame + 8] = 200
                writer.write(picture)
        entries.append(EditEntry(path=path, facts=probe(path), shot_ids=(name,)))
    return assemble("edit", entries, rate=Fraction(24))


def corrected(timeline: Timeline, correction: PictureCorrection) -> Timeline:
    return replace(timeline, clips=(timeline.clips[0], replace(timeline.clips[1], picture_correction=correction)))


def encoded_frames(timeline: Timeline) -> int:
    return plan_picture(timeline, take_indexes(timeline)).encoded_frames


def test_only_the_frames_that_an_eased_correction_reaches_are_encoded(timeline: Timeline) -> None:
    assert encoded_frames(timeline) == 0
    eased = PictureCorrection(reframing=Reframing(right=0.01, eased_frames=12))
    # Twelve frames are touched; a copy may begin again at the key frame after one second.
    assert 12 <= encoded_frames(corrected(timeline, eased)) <= 24
    assert encoded_frames(corrected(timeline, PictureCorrection(colour=DARKER))) == 48


def test_a_correction_shows_on_the_frames_that_it_reaches_and_on_no_other(timeline: Timeline) -> None:
    eased = corrected(timeline, PictureCorrection(colour=DARKER, colour_eased_frames=10))
    plain, shown = (
        [float(planes[0].mean()) for planes in clip_frames(each.clips[1], each.clips[1].source, each)] for each in (timeline, eased)
    )
    differences = np.array(shown) - np.array(plain)
    assert differences[0] < -15
    assert (np.diff(differences[:11]) > 0).all()
    assert (differences[10:] == 0).all()


def test_a_segment_is_known_by_its_correction(timeline: Timeline) -> None:
    names = set()
    for slope in (0.8, 0.9):
        edit = corrected(timeline, PictureCorrection(colour=ColourTransform(slope=(slope, 1.0, 1.0))))
        (segment,) = (piece for piece in plan_picture(edit, take_indexes(edit)).pieces if isinstance(piece, Segment))
        names.add(segment_name(segment, edit, H264_MASTER))
    assert len(names) == 2


def test_an_ease_sets_out_whole_and_arrives_at_nothing() -> None:
    shares = [share_left(frame, 12) for frame in range(14)]
    assert shares[0] == 1.0
    assert shares[6] == pytest.approx(0.5)
    assert shares[12:] == [0.0, 0.0]
    assert (np.diff(shares[:13]) < 0).all()


def test_a_picture_is_moved_by_a_fraction_of_a_pixel() -> None:
    across = np.arange(64, dtype=np.float64)
    luma = np.repeat((128 + 60 * np.sin(across / 6))[None], 64, axis=0)
    chroma = np.full((32, 32), 128, np.uint8)
    moved = reframed((np.rint(luma).astype(np.uint8), chroma, chroma), Reframing(right=0.5 / 64, eased_frames=4), 0)[0]
    wanted = 128 + 60 * np.sin((across - 0.5) / 6)
    assert np.abs(moved[32, 8:56] - wanted[8:56]).max() < 1.5


def test_colour_stays_under_its_luma_when_the_picture_is_scaled() -> None:
    luma = np.zeros((64, 64), np.uint8)
    luma[:, 32:] = 200
    chroma = np.full((32, 32), 100, np.uint8)
    chroma[:, 16:] = 150
    planes = reframed((luma, chroma, chroma), Reframing(right=4 / 64, eased_frames=4), 0)
    assert int(np.argmax(planes[0][32] > 100)) == 36
    assert int(np.argmax(planes[1][16] > 125)) == 18


def test_grain_has_its_strength_changes_from_frame_to_frame_and_can_be_made_again() -> None:
    planes = (np.full((128, 128), 100, np.uint8), np.full((64, 64), 128, np.uint8), np.full((64, 64), 128, np.uint8))
    one, two, again = (grained(planes, AddedGrain(sigma_codes=3.0), frame)[0] for frame in (5, 6, 5))
    assert one.std() == pytest.approx(3.0, rel=0.05)
    assert one.mean() == pytest.approx(100, abs=0.2)
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.05
    assert np.array_equal(one, again)
