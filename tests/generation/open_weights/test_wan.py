"""Wan through the backend: exact lengths, no sound, images where its weights take them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kling_post.generation.open_weights import engine as module
from kling_post.generation.open_weights.engine import DiffusersBackend
from kling_post.generation.open_weights.model_folder import model_folder
from kling_post.generation.open_weights.shot import ShotOrder
from kling_post.generation.request import parse_request
from kling_post.media.probe import probe
from kling_post.vocabulary import Size, VideoTask

TEXT = {"taskType": "videoInference", "model": "klingai:kling-video@3-4k", "positivePrompt": "Salt plain.", "duration": 3}


def task(**changes: object) -> VideoTask:
    return parse_request({**TEXT, "width": 3840, "height": 2160, **changes}, name="plain")


def indexed(path: Path, pipeline: str) -> Path:
    path.mkdir(parents=True)
    (path / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))
    return path


def test_weights_that_begin_on_an_image_refuse_a_task_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIBRARIES", ())
    backend = DiffusersBackend(model_folder_path=indexed(tmp_path / "wan", "WanImageToVideoPipeline"))
    assert [problem.parameter for problem in backend.problems(task())] == ["inputs.frameImages"]
    text = DiffusersBackend(model_folder_path=indexed(tmp_path / "wan-text", "WanPipeline"))
    assert text.problems(task()) == ()


@pytest.mark.slow
def test_a_take_of_text_weights_has_its_frames_and_no_sound(tiny_wan: Path, tmp_path: Path) -> None:
    from kling_post.generation.open_weights.job import Order
    from kling_post.generation.open_weights.take import make_takes

    folder = tmp_path / "job"
    folder.mkdir()
    order = Order(
        task=task(providerSettings={"klingai": {"sound": True}}),
        model=str(tiny_wan),
        size=Size(128, 72),
        generate_at=Size(64, 36),
        steps=1,
        device="cpu",
    )
    (outcome,) = make_takes(order, folder, print)
    facts = probe(folder / outcome.video)
    assert (facts.frames, facts.size, facts.audio) == (72, Size(128, 72), None)
    assert any("makes no sound" in note for note in outcome.notes)


@pytest.mark.slow
def test_first_and_last_image_reach_the_model(tiny_wan_of_images: Path) -> None:
    from kling_post.generation.open_weights.wan import Wan

    bright, dark = np.full((48, 64, 3), 230, np.uint8), np.full((48, 64, 3), 20, np.uint8)
    model = Wan(model_folder(tiny_wan_of_images), "cpu")

    def made(first: object, last: object) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        told: list[float] = []
        order = ShotOrder(
            prompt="salt",
            negative_prompt=None,
            size=Size(64, 48),
            frames=9,
            seed=3,
            steps=1,
            guidance=1.0,
            first=first,  # type: ignore[arg-type]
            last=last,  # type: ignore[arg-type]
            tell=told.append,
        )
        frames = list(model.generate(order).frames)
        assert (len(frames), frames[0].shape, told) == (9, (48, 64, 3), [1.0])
        return np.stack(frames)

    base = made(bright, None)
    assert np.array_equal(base, made(bright, None))
    assert not np.array_equal(base, made(dark, None))
    assert not np.array_equal(base, made(bright, dark))


@pytest.mark.slow
def test_given_images_come_from_files_beside_the_request(tiny_wan_of_images: Path, tmp_path: Path) -> None:
    from kling_post.generation.open_weights.job import Order
    from kling_post.generation.open_weights.take import make_takes

    still = tmp_path / "first.png"
    Image.fromarray(cv2.resize(np.arange(0, 192, dtype=np.uint8).reshape(8, 8, 3), (96, 64))).save(still)
    folder = tmp_path / "job"
    folder.mkdir()
    asked = parse_request({**TEXT, "inputs": {"frameImages": [str(still)]}}, name="still")
    order = Order(task=asked, model=str(tiny_wan_of_images), size=Size(96, 64), generate_at=Size(48, 32), steps=1, device="cpu")
    (outcome,) = make_takes(order, folder, print)
    assert probe(folder / outcome.video).frames == 72
    assert not any("cannot be read" in note for note in outcome.notes)
