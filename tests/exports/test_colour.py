"""CDL and cube files are read by readers that know nothing of ours, and say what the edit does."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.colour import ColourTransform, codes_of_rgb, graded, rgb_of_codes
from kling_post.edit.corrections import PictureCorrection
from kling_post.edit.timeline import Timeline
from kling_post.exports.colour import cdl_text, write_colour_files
from kling_post.exports.edl import write as write_edl
from kling_post.exports.otio import to_otio
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size

CDL = ColourTransform(slope=(0.95, 1.0, 1.05), offset=(0.01, 0.0, -0.01), power=(1.1, 1.0, 1.0), saturation=0.9)
MATRIX = ColourTransform(matrix=((1.0, 0.05, 0.0), (0.05, 1.0, 0.0), (0.0, 0.0, 1.0)))


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    path = tmp_path / "take.mp4"
    with FrameWriter(path, size=Size(64, 64), rate=Fraction(24)) as writer:
        for _ in range(6):
            writer.write(np.full((64, 64, 3), 120, np.uint8))
    entry = EditEntry(path=path, facts=probe(path), shot_ids=("one", "two", "three"), cut_frames=(2, 4))
    edit = assemble("edit", [entry], rate=Fraction(24))
    one, two, three = edit.clips
    corrections = [replace(clip, picture_correction=PictureCorrection(colour=each)) for clip, each in ((one, CDL), (two, MATRIX))]
    return replace(edit, clips=(*corrections, three))


def read_cube(path: Path) -> tuple[int, np.ndarray]:
    """A reader after the Cube LUT specification: a size, and rows of three numbers."""
    size, rows = 0, []
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[:1] == ["LUT_3D_SIZE"]:
            size = int(words[1])
        elif words and words[0][0].isdigit():
            rows.append([float(word) for word in words])
    return size, np.array(rows)


def by_cube(path: Path, rgb: np.ndarray) -> np.ndarray:
    """What a grading system makes of colours (pixels, 3) with the file: trilinear between its corners, red running fastest."""
    size, rows = read_cube(path)
    lattice = rows.reshape(size, size, size, 3)  # blue, green, red
    place = np.clip(rgb, 0, 1) * (size - 1)
    low = np.minimum(place.astype(int), size - 2)
    part = place - low
    result = np.zeros_like(rgb)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod([part[:, axis] if up else 1 - part[:, axis] for axis, up in enumerate(corner)], axis=0)
        red, green, blue = (low[:, axis] + up for axis, up in enumerate(corner))
        result += weight[:, None] * lattice[blue, green, red]
    return result


def by_cdl(path: Path, rgb: np.ndarray) -> np.ndarray:
    """The ASC's own formula with the file's numbers: out = clamp(in * slope + offset) ** power, then saturation about BT.709 luma."""
    numbers = {
        element.tag.rpartition("}")[2]: [float(word) for word in (element.text or "").split()]
        for element in ET.fromstring(path.read_text(encoding="utf-8")).iter()
        if element.text and element.text.strip()
    }
    graded = np.clip(rgb * numbers["Slope"] + np.array(numbers["Offset"]), 0, 1) ** np.array(numbers["Power"])
    luma = (graded * [0.2126, 0.7152, 0.0722]).sum(axis=1, keepdims=True)
    return np.asarray(np.clip(luma + numbers["Saturation"][0] * (graded - luma), 0, 1))


def test_what_a_reader_makes_of_both_files_is_what_the_edit_shows(timeline: Timeline, tmp_path: Path) -> None:
    one_cube, one_cdl, two_cube = write_colour_files(timeline, tmp_path / "colour")
    colours = np.random.default_rng(2).uniform(0.05, 0.9, (2000, 3))
    wanted = np.clip(CDL.apply(colours), 0, 1)
    assert np.abs(by_cdl(one_cdl, colours) - wanted).max() < 2e-6
    assert np.abs(by_cube(one_cube, colours) - wanted).max() < 5e-4
    assert np.abs(by_cube(two_cube, colours) - np.clip(MATRIX.apply(colours), 0, 1)).max() < 2e-6


def test_both_files_say_of_video_codes_what_the_renderer_makes_of_them(timeline: Timeline, tmp_path: Path) -> None:
    cube, cdl, _ = write_colour_files(timeline, tmp_path / "colour")
    chance = np.random.default_rng(5)
    codes = np.stack([chance.integers(60, 200, 40), chance.integers(118, 139, 40), chance.integers(118, 139, 40)], axis=1)
    rgb = rgb_of_codes(codes.astype(np.float64))
    for said in (by_cube(cube, rgb), by_cdl(cdl, rgb)):
        for (luma, blue, red), wanted in zip(codes, codes_of_rgb(said), strict=True):
            planes = (np.full((16, 16), luma, np.uint8), np.full((8, 8), blue, np.uint8), np.full((8, 8), red, np.uint8))
            assert [float(plane.mean()) for plane in graded(planes, CDL)] == pytest.approx(wanted, abs=0.25)


def test_each_corrected_clip_gets_a_cube_and_a_cdl_where_that_says_it_all(timeline: Timeline, tmp_path: Path) -> None:
    written = write_colour_files(timeline, tmp_path / "colour")
    assert [path.name for path in written] == ["one.cube", "one.cdl", "two.cube"]


def test_a_cube_gives_the_transform_at_its_corners(timeline: Timeline, tmp_path: Path) -> None:
    cube = write_colour_files(timeline, tmp_path / "colour")[0]
    size, rows = read_cube(cube)
    assert size == 33
    assert rows.shape == (33**3, 3)
    middle = np.array([16, 8, 24]) / 32
    wanted = np.clip(CDL.apply(middle), 0, 1)
    assert rows[16 + 33 * (8 + 33 * 24)] == pytest.approx(wanted, abs=1e-6)


def test_a_cdl_says_slope_offset_power_and_saturation(timeline: Timeline, tmp_path: Path) -> None:
    root = ET.fromstring(write_colour_files(timeline, tmp_path / "colour")[1].read_text(encoding="utf-8"))
    space = {"cdl": "urn:ASC:CDL:v1.2"}
    correction = root.find("cdl:ColorDecision/cdl:ColorCorrection", space)
    assert correction is not None
    assert correction.get("id") == "one"
    said = [correction.findtext(f"cdl:SOPNode/cdl:{name}", namespaces=space) for name in ("Slope", "Offset", "Power")]
    assert said == ["0.950000 1.000000 1.050000", "0.010000 0.000000 -0.010000", "1.100000 1.000000 1.000000"]
    assert correction.findtext("cdl:SatNode/cdl:Saturation", namespaces=space) == "0.900000"


def test_a_matrix_is_not_squeezed_into_a_cdl(timeline: Timeline) -> None:
    with pytest.raises(ValueError, match="no place for a matrix"):
        cdl_text(timeline.clips[1], MATRIX)


def test_an_edit_without_corrections_writes_nothing(timeline: Timeline, tmp_path: Path) -> None:
    plain = replace(timeline, clips=tuple(replace(clip, picture_correction=None) for clip in timeline.clips))
    assert write_colour_files(plain, tmp_path / "colour") == ()
    assert not (tmp_path / "colour").exists()


def test_an_edl_carries_a_cdl_as_its_two_comments_and_says_what_it_leaves_out(timeline: Timeline, tmp_path: Path) -> None:
    path = tmp_path / "edit.edl"
    notes = write_edl(timeline, path)
    lines = path.read_text(encoding="ascii").splitlines()
    assert lines.count("* ASC_SOP (0.950000 1.000000 1.050000)(0.010000 0.000000 -0.010000)(1.100000 1.000000 1.000000)") == 1
    assert lines.count("* ASC_SAT 0.900000") == 1
    assert any(note.startswith("The EDL: the colour transform of two is not in it") for note in notes)


def test_otio_carries_a_cdl_in_the_words_of_its_own_adapter(timeline: Timeline) -> None:
    clips = {clip.name: clip for clip in to_otio(timeline).find_clips()}
    assert dict(clips["one"].metadata["cdl"])["asc_sat"] == 0.9
    assert list(clips["one"].metadata["cdl"]["asc_sop"]["slope"]) == [0.95, 1.0, 1.05]
    assert "cdl" not in clips["two"].metadata
