"""What a folder of weights is, by its index alone."""

import json
from pathlib import Path

import pytest

from kling_post.errors import UsageError
from kling_post.generation.open_weights.model_folder import model_folder


def folder_of(path: Path, pipeline: str) -> Path:
    path.mkdir()
    (path / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))
    return path


@pytest.mark.parametrize(
    ("pipeline", "family", "sound"),
    [("LTX2Pipeline", "ltx2", True), ("LTX2ConditionPipeline", "ltx2", True), ("WanImageToVideoPipeline", "wan", False)],
)
def test_the_family_is_known_by_its_pipeline(tmp_path: Path, pipeline: str, family: str, sound: bool) -> None:
    found = model_folder(folder_of(tmp_path / "weights", pipeline))
    assert (found.family.name, found.family.sound, found.upsampler, found.distilled) == (family, sound, None, False)


def test_an_upsampler_beside_the_model_is_found_and_so_is_the_word_distilled(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "ltx-2-distilled", "LTX2Pipeline")
    (folder / "latent_upsampler").mkdir()
    (folder / "latent_upsampler" / "config.json").write_text("{}")
    found = model_folder(folder)
    assert found.upsampler == (folder / "latent_upsampler").resolve()
    assert found.distilled


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "no model_index.json"), ("nonsense", "cannot be read"), ('{"_class_name": "StableDiffusionPipeline"}', "not known here")],
)
def test_what_is_no_model_is_one_sentence(tmp_path: Path, content: str | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "model_index.json").write_text(content)
    with pytest.raises(UsageError, match=sentence):
        model_folder(tmp_path)
