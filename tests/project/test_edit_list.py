"""The edit's keys of a project file: counted in frames, refused with their line."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from kling_post.errors import ProjectError
from kling_post.project import Project, load_project
from kling_post.vocabulary import Cadence, DialogueLine, Fit, FrameRange, JoinKind, Retime

SHOTS = "shots:\n  - {id: one, prompt: A hill., duration: 5}\n  - {id: two, prompt: A lake., duration: 5, join: JOIN}\n"


def load(folder: Path, text: str) -> Project:
    path = folder / "project.yaml"
    path.write_text(text)
    return load_project(path)


@pytest.mark.parametrize(
    ("join", "kind", "dissolve", "shift"),
    [
        ("cut", JoinKind.CUT, 0, 0),
        ("{dissolve: 12}", JoinKind.DISSOLVE, 12, 0),
        ("{sound_leads: 8}", JoinKind.CUT, 0, -8),
        ("{dissolve: 12, sound_trails: 5}", JoinKind.DISSOLVE, 12, 5),
    ],
)
def test_a_join_says_how_picture_and_sound_come_in(tmp_path: Path, join: str, kind: JoinKind, dissolve: int, shift: int) -> None:
    shot = load(tmp_path, SHOTS.replace("duration: 5", "duration: 5, trim: {head: 8, tail: 8}").replace("JOIN", join)).shots[1]
    assert (shot.join, shot.dissolve_frames, shot.edit.sound_shift_frames) == (kind, dissolve, shift)


def test_tracks_are_counted_in_frames_of_the_edit(tmp_path: Path) -> None:
    tracks = (
        "rate: 25\nedit:\n  native_level_db: -3\n  bits: 10\n  tracks:\n"
        "    - name: music\n      level_db: -12\n      clips:\n"
        '        - {file: b.wav, at: "01:00:04:05", in: 0.5, out: 60f, level_db: 2}\n'
        "        - {file: a.wav, fade_out: 2}\n"
    )
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).touch()
    project = load(tmp_path, tracks + SHOTS.replace("JOIN", "cut"))
    (track,) = project.edit.tracks
    first, second = track.clips
    assert (track.name, track.role, project.edit.bit_depth) == ("music", "music", 10)
    assert (first.path, first.record_frame, first.in_frame, first.out_frame) == (tmp_path / "a.wav", 0, 0, None)
    assert (first.gain_db, first.fade_in_frames, first.fade_out_frames) == (-12, 0, 50)
    assert (second.record_frame, second.in_frame, second.out_frame, second.gain_db) == (105, 13, 60, -10)
    assert project.shots[0].edit.gain_db == -3


def test_a_shot_says_trim_speed_fit_level_and_what_is_said(tmp_path: Path) -> None:
    text = ("edit: {fit: fill, retime: {cadence: retime}}\n" + SHOTS.replace("JOIN", "cut") + "    trim: {head: 6, tail: 2}\n").replace(
        "- {id: two, prompt: A lake., duration: 5, join: cut}\n", "- id: two\n    prompt: A lake.\n    duration: 5\n"
    )
    text += "    level_db: -4.5\n    retime: {speed: 1/2, pitch: follow}\n    fit: crop\n"
    text += "    dialogue:\n      - {text: Come., from: 1, to: 36f, speaker: Ana}\n"
    one, two = (shot.edit for shot in load(tmp_path, text).shots)
    assert (one.fit, one.retime) == (Fit.FILL, Retime(cadence=Cadence.RETIME))
    assert (two.trim_head_frames, two.trim_tail_frames, two.gain_db, two.fit) == (6, 2, -4.5, Fit.CROP)
    assert two.retime == Retime(speed=Fraction(1, 2), keeps_pitch=False)
    assert two.dialogue == (DialogueLine(frames=FrameRange(24, 36), text="Come.", speaker="Ana"),)


def test_a_chain_divides_trims_and_lines_among_its_parts(tmp_path: Path) -> None:
    text = (
        "shots:\n  - id: walk\n    prompt: A long walk.\n    duration: 20\n    trim: {head: 6, tail: 2}\n"
        "    dialogue:\n      - {text: First., from: 1, to: 2}\n      - {text: Last., from: 18, to: 19}\n"
    )
    parts = load(tmp_path, text).shots
    assert [(part.edit.trim_head_frames, part.edit.trim_tail_frames) for part in parts] == [(6, 0), (0, 2)]
    begins = parts[0].tasks[0].duration_seconds
    assert parts[0].edit.dialogue[0].frames == FrameRange(24, 48)
    assert parts[1].edit.dialogue[0].frames == FrameRange((18 - begins) * 24, (19 - begins) * 24)
    assert replace(parts[1].edit.dialogue[0], frames=FrameRange(0, 1)).text == "Last."


TRIMMED = SHOTS.replace("duration: 5", "duration: 5, trim: {head: 8, tail: 5}")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (SHOTS.replace("JOIN", "{sound_leads: 9}"), 3, "sound_leads is 9 frames, allowed are the 0 that trim.head leaves"),
        (TRIMMED.replace("JOIN", "{sound_trails: 6}"), 3, "sound_trails is 6 frames, allowed are the 5 that trim.tail leaves of 'one'"),
        (
            SHOTS.replace("JOIN", "cut").replace("5}", "5, trim: {head: 120}}", 1),
            2,
            "trim.head is 120 frames, allowed are fewer than the 120",
        ),
        (SHOTS.replace("JOIN", "cut").replace("5}", "5, trim: {head: 80, tail: 70}}", 1), 2, "trim takes 150 frames"),
        (
            SHOTS.replace("JOIN", "cut").replace("5}", "5, dialogue: [{text: Late., from: 4, to: 6}]}", 1),
            2,
            "the line 'Late.' ends at frame 144, the take will have 120",
        ),
        ("edit: {tracks: [{name: m, clips: [{file: no.wav}]}]}\n" + SHOTS.replace("JOIN", "cut"), 1, "track 'm': there is no file"),
        (
            "edit: {tracks: [{name: m, clips: [{file: project.yaml, at: 11}]}]}\n" + SHOTS.replace("JOIN", "cut"),
            1,
            "project.yaml begins at frame 264, the programme will have 240",
        ),
        (SHOTS.replace("JOIN", "{sound_leads: 2, sound_trails: 2}"), 3, "sound_leads and sound_trails"),
        (SHOTS.replace("JOIN", "{sound_leads: -2}"), 3, "sound_leads is -2"),
        ("edit: {tracks: [{name: m, clips: [{file: a.wav, at: soon}]}]}\n" + SHOTS.replace("JOIN", "cut"), 1, "at is 'soon'"),
        ("edit: {tracks: [{name: m, clips: [{file: a.wav, in: -1}]}]}\n" + SHOTS.replace("JOIN", "cut"), 1, "in is -1"),
        ("edit: {tracks: [{name: m, clips: [{file: a.wav, in: 2, out: 1}]}]}\n" + SHOTS.replace("JOIN", "cut"), 1, "from frame 48 to 24"),
        ("edit: {retime: {speed: 1/0}}\n" + SHOTS.replace("JOIN", "cut"), 1, "speed is '1/0', allowed are 0.1 to 10"),
        ("edit: {fit: stretch}\n" + SHOTS.replace("JOIN", "cut"), 1, "fit is 'stretch'"),
        (SHOTS.replace("JOIN", "cut").replace("duration: 5}", "duration: 5, trim: {head: -1}}", 1), 2, "head is -1"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ProjectError) as caught:
        load(tmp_path, text)
    assert words in caught.value.message
    assert caught.value.line == line
