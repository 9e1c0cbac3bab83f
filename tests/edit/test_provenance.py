"""From any frame of the master back to the prompt that made it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.finished import Master
from kling_post.edit.master import render_master
from kling_post.edit.provenance import carried_marks, take_metadata
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind, PlannedShot, Size, Take, VideoTask

MakeTake = Callable[..., EditEntry]
LABEL = '{"Label":"1","ContentProducer":"x","ProduceID":"7"}'


def _marked(path: Path, label: str) -> EditEntry:
    with FrameWriter(path, size=Size(160, 90), rate=Fraction(24), metadata={"AIGC": label, "comment": "made today"}) as writer:
        for index in range(24):
            writer.write(np.full((90, 160, 3), 8 * index, np.uint8))
    return EditEntry(path=path, facts=probe(path), shot_ids=(path.stem,))


@pytest.fixture
def edit(tmp_path: Path, make_take: MakeTake) -> tuple[Timeline, Master]:
    """A generated take of two shots, a procedural one behind a dissolve, and a file that nothing is known of."""
    generated = {"backend": "runware", "model": "klingai:kling-video@3-4k", "task_uuid": "u-1", "cost_usd": "1.26", "prompt_sha256": "ab"}
    entries = [
        replace(_marked(tmp_path / "one.mp4", LABEL), shot_ids=("one", "two"), cut_frames=(10,), metadata=generated),
        replace(
            _marked(tmp_path / "three.mp4", LABEL),
            join=JoinKind.DISSOLVE,
            dissolve_frames=6,
            metadata={"backend": "previz", "cost_usd": "0"},
        ),
        make_take("four", 24),
    ]
    timeline = assemble("origins", entries, rate=Fraction(24), start_frame=86_400)
    return timeline, render_master(timeline, target=target("streaming"), folder=tmp_path / "out")


def test_every_frame_of_the_record_leads_to_its_take(edit: tuple[Timeline, Master]) -> None:
    timeline, master = edit
    bill = json.loads(master.path.with_suffix(".materials.json").read_text("utf-8"))
    assert bill["master"]["sha256"] == hashlib.sha256(master.path.read_bytes()).hexdigest()
    assert [(*span["frames"], *span["clips"]) for span in bill["record"]] == [
        (0, 10, "one"),
        (10, 18, "two"),
        (18, 24, "two", "three"),
        (24, 42, "three"),
        (42, 66, "four"),
    ]
    assert bill["record"][1]["timecode"] == ["01:00:00:10", "01:00:00:18"]
    assert [span["takes"] for span in bill["record"]] == [[0], [0], [0, 1], [1], [2]]  # two takes with the very same bytes
    first = bill["takes"][bill["record"][0]["takes"][0]]
    assert first["sha256"] == bill["record"][0]["take_sha256"][0]
    assert first["sha256"] == hashlib.sha256(timeline.clips[0].path.read_bytes()).hexdigest()
    assert (first["model"], first["task_uuid"], first["prompt_sha256"], first["seed"]) == ("klingai:kling-video@3-4k", "u-1", "ab", None)
    assert first["container_tags"] == {"AIGC": LABEL, "comment": "made today"}
    assert (bill["cost_usd"], bill["takes_of_unknown_cost"]) == ("1.26", 1)
    assert [clip["source_frames"] for clip in bill["clips"]] == [[0, 10], [10, 24], [0, 24], [0, 24]]


def test_the_disclosure_counts_what_was_made_by_what(edit: tuple[Timeline, Master]) -> None:
    told = json.loads(edit[1].path.with_suffix(".disclosure.json").read_text("utf-8"))
    assert [(part["origin"], part["seconds"]) for part in told["made_by"]] == [
        ("generative model", 0.875),  # 24 frames less half of the dissolve
        ("not known", 1.0),
        ("procedural", 0.875),
    ]
    assert sum(part["share"] for part in told["made_by"]) == pytest.approx(1, abs=1e-3)
    assert [each["file"] for each in told["marks_in_takes"]] == ["one.mp4", "three.mp4"]


def test_marks_of_origin_are_carried_into_the_master(edit: tuple[Timeline, Master]) -> None:
    with av.open(str(edit[1].path)) as container:
        assert container.metadata["AIGC"] == LABEL
    assert json.loads(edit[1].path.with_suffix(".disclosure.json").read_text("utf-8"))["marks_in_master"] == {"AIGC": LABEL}
    assert carried_marks([{"AIGC": "a"}, {"other": "x"}, {"AIGC": "b"}, {"AIGC": "a"}]) == {"AIGC": "a", "AIGC_2": "b"}


def test_provenance_that_was_lost_is_written_again_for_a_kept_master(edit: tuple[Timeline, Master]) -> None:
    timeline, master = edit
    bill = master.path.with_suffix(".materials.json")
    before = bill.read_bytes()
    bill.unlink()
    assert render_master(timeline, target=target("streaming"), folder=master.path.parent).from_cache
    assert bill.read_bytes() == before


def test_a_take_proves_its_prompt_without_telling_it(make_take: MakeTake) -> None:
    entry = make_take("a", 12)
    shots = tuple(PlannedShot(shot_id=name, prompt=f"a secret of {name}", duration_seconds=3) for name in ("x", "y"))
    task = VideoTask(
        task_uuid="u", model="m", shots=shots, negative_prompt=None, size=None, duration_seconds=6, sound=True, seed=7, take_number=2
    )
    told = take_metadata(Take(task=task, backend="runware", path=entry.path, facts=entry.facts, cost_usd=Decimal("0.5")))
    assert told["prompt_sha256"] == hashlib.sha256(b"a secret of x\na secret of y").hexdigest()
    assert (told["seed"], told["take"], told["cost_usd"]) == ("7", "2", "0.5")
    assert "secret" not in str(told)
