"""The diffusers backend: what it refuses, what it notes, and a whole take from a model of random weights."""

import json
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.cli import main
from kling_post.errors import MissingToolError, UsageError
from kling_post.generation.backend import Failed, JobState, Processing, Succeeded
from kling_post.generation.open_weights import engine as module
from kling_post.generation.open_weights.engine import DiffusersBackend
from kling_post.generation.request import parse_request
from kling_post.media.decode import decode_rgb
from kling_post.media.probe import probe
from kling_post.media.sound import read_sound_whole
from kling_post.vocabulary import Size, VideoTask

BODY = {
    "taskType": "videoInference",
    "model": "klingai:kling-video@3-4k",
    "positivePrompt": "Salt plain, slow dolly forward.",
    "width": 3840,
    "height": 2160,
    "duration": 3,
}


def task(**changes: object) -> VideoTask:
    return parse_request({**BODY, **changes}, name="plain")


def two_shots() -> VideoTask:
    shots = [{"prompt": "A harbour at dusk.", "duration": 3}, {"prompt": "The same harbour, closer.", "duration": 3}]
    settings = {"klingai": {"multiPrompt": shots, "sound": True}}
    body = {key: value for key, value in BODY.items() if key not in {"positivePrompt", "duration"}}
    return parse_request({**body, "duration": 6, "providerSettings": settings}, name="harbour")


def indexed(path: Path, pipeline: str) -> Path:
    path.mkdir(parents=True)
    (path / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))
    return path


@pytest.fixture
def all_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIBRARIES", ())


def test_without_its_libraries_it_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIBRARIES", ("no_such_library",))
    with pytest.raises(MissingToolError, match="no_such_library"):
        DiffusersBackend(model_folder_path=tmp_path)


@pytest.mark.usefixtures("all_libraries")
def test_without_a_folder_it_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLING_POST_MODEL_DIR", raising=False)
    with pytest.raises(UsageError, match="folder of model weights"):
        DiffusersBackend()


@pytest.mark.usefixtures("all_libraries")
def test_strict_refuses_what_the_model_cannot_keep_and_the_default_takes_it(tmp_path: Path) -> None:
    weights = indexed(tmp_path / "wan-distilled", "WanPipeline")
    asked = replace(two_shots(), negative_prompt="blur")
    assert DiffusersBackend(model_folder_path=weights).problems(asked) == ()
    found = DiffusersBackend(model_folder_path=weights, strict=True).problems(asked)
    assert [problem.parameter for problem in found] == [
        "providerSettings.klingai.sound",
        "negativePrompt",
        "providerSettings.klingai.multiPrompt",
    ]


@pytest.mark.usefixtures("all_libraries")
def test_other_settings_are_another_engine_to_the_ledger(tmp_path: Path) -> None:
    weights = indexed(tmp_path / "ltx", "LTX2Pipeline")
    variants = {
        DiffusersBackend(model_folder_path=weights).variant,
        DiffusersBackend(model_folder_path=weights, steps=8).variant,
        DiffusersBackend(model_folder_path=weights, seed=1).variant,
        DiffusersBackend(model_folder_path=weights, size_override=Size(320, 180)).variant,
    }
    assert len(variants) == 4


def made(backend: DiffusersBackend, order: VideoTask, folder: Path) -> tuple[Path, tuple[str, ...]]:
    backend.submit(order, folder)
    state: JobState = Processing()
    while isinstance(state, Processing):
        time.sleep(0.2)
        state = backend.poll(order, folder)
    backend.close()
    assert isinstance(state, Succeeded), state if isinstance(state, Failed) else (folder / "worker.log").read_text()
    return Path(state.videos[0].location), state.videos[0].notes


def small(weights: Path, **changes: object) -> DiffusersBackend:
    sizes = {"size_override": Size(160, 90), "generate_at": Size(64, 36)}
    return DiffusersBackend(model_folder_path=weights, steps=1, device="cpu", **{**sizes, **changes})  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_take_has_exactly_its_frames_its_size_and_its_sound(tiny_ltx2: Path, tmp_path: Path) -> None:
    video, notes = made(small(tiny_ltx2), two_shots(), tmp_path / "job")
    facts = probe(video)
    assert (facts.frames, facts.size, facts.rate) == (144, Size(160, 90), Fraction(24))
    sound = read_sound_whole(video)
    assert len(sound) == 6 * 48_000
    assert np.abs(sound).max() > 0
    assert any("one by one" in note for note in notes)
    assert any("enlarged" in note for note in notes)


@pytest.mark.slow
def test_the_seed_decides_the_picture(tiny_ltx2: Path, tmp_path: Path) -> None:
    first, again, other = (
        decode_rgb(made(small(tiny_ltx2, seed=seed), task(), tmp_path / name)[0], 10)
        for name, seed in (("first", 7), ("again", 7), ("other", 8))
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.slow
def test_an_upsampler_doubles_the_size_in_a_second_pass(tiny_ltx2_with_upsampler: Path, tmp_path: Path) -> None:
    video, notes = made(small(tiny_ltx2_with_upsampler, size_override=Size(128, 64), generate_at=None), task(), tmp_path / "job")
    assert probe(video).size == Size(128, 72)
    assert not any("enlarged" in note for note in notes)


@pytest.mark.slow
def test_a_run_on_open_weights_ends_in_a_master_and_says_the_terms_once(
    tiny_ltx2: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = tmp_path / "plain.json"
    request.write_text(json.dumps(BODY))
    words = ["run", str(request), "--out", str(tmp_path / "out"), "--backend", "diffusers", "--model-dir", str(tiny_ltx2), "--quiet"]
    words += ["--steps", "1", "--generate-at", "64x36", "--rehearse", "320x180"]
    assert main(words) in {0, 5}
    assert "licence" in capsys.readouterr().err
    masters = list((tmp_path / "out").rglob("master/*.mp4"))
    assert [probe(master).frames for master in masters] == [72]
    assert main(words) in {0, 5}
    assert "licence" not in capsys.readouterr().err
