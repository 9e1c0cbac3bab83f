"""Content Credentials: signed last, read back whole, broken by any change."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from kling_post.cli import main
from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.signing import digital_source_type, sign_master
from kling_post.edit.timeline_file import write_timeline
from kling_post.errors import InvalidInputError, MediaError, MissingToolError
from kling_post.media import content_credentials
from kling_post.media.signing_identity import identity_of, local_identity

for _library in ("c2pa", "cryptography"):
    pytest.importorskip(_library, reason="needs the extra 'provenance'")
MakeTake = Callable[..., EditEntry]
MODEL = {"backend": "runware", "model": "klingai:kling-video@3-4k", "task_uuid": "t-1", "prompt_sha256": "ab" * 32}


def test_every_take_is_an_ingredient_and_what_made_it_is_said(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [replace(make_take(name, 6), metadata=MODEL) for name in ("a", "b")]
    timeline = assemble("edit", entries, rate=Fraction(24))
    signed = sign_master(timeline, entries[0].path, identity=local_identity(tmp_path / "identity"), output=tmp_path / "signed.mp4")
    found = content_credentials.credentials(signed)
    assert found is not None
    assert found.state == "Valid"
    assert "signingCredential.untrusted" in found.problems
    assert [each["title"] for each in found.manifest["ingredients"]] == ["a.mp4", "b.mp4"]
    assertions = {each["label"]: each["data"] for each in found.manifest["assertions"]}
    actions = assertions["c2pa.actions.v2"]["actions"]
    assert [each["action"] for each in actions] == ["c2pa.created", "c2pa.placed", "c2pa.placed", "c2pa.edited"]
    assert actions[0]["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    clips = assertions["org.kling-post.materials"]["clips"]
    told = ("clip", "record_first_frame", "record_stop_frame", "task_uuid")
    assert [tuple(each[name] for name in told) for each in clips] == [("a", 0, 6, "t-1"), ("b", 6, 12, "t-1")]
    assert clips[0]["take_sha256"] == entries[0].facts.sha256


def test_a_change_of_the_file_breaks_its_credentials(make_take: MakeTake, tmp_path: Path) -> None:
    take = make_take("a", 6)
    signed = sign_master(
        assemble("edit", [take], rate=Fraction(24)), take.path, identity=local_identity(tmp_path), output=tmp_path / "s.mp4"
    )
    content = bytearray(signed.read_bytes())
    content[-10] ^= 1
    signed.write_bytes(content)
    found = content_credentials.credentials(signed)
    assert found is not None
    assert found.state == "Invalid"
    assert content_credentials.credentials(take.path) is None


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        (MODEL, MODEL, "trainedAlgorithmicMedia"),
        ({"backend": "previz"}, {"backend": "previz"}, "algorithmicMedia"),
        ({}, {}, "composite"),
        (MODEL, {}, "compositeWithTrainedAlgorithmicMedia"),
        ({"backend": "previz"}, {}, "composite"),
    ],
)
def test_the_source_type_follows_what_made_the_takes(
    make_take: MakeTake, first: Mapping[str, str], second: Mapping[str, str], word: str
) -> None:
    take = make_take("a", 2)
    entries = [replace(take, shot_ids=(name,), metadata=made) for name, made in (("one", first), ("two", second))]
    assert digital_source_type(assemble("edit", entries, rate=Fraction(24))).rsplit("/", 1)[1] == word


def test_the_local_identity_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first, second = (local_identity(tmp_path / "identity") for _ in range(2))
    assert first == second
    assert (tmp_path / "identity" / "local-key.pem").stat().st_mode & 0o077 == 0


def test_what_cannot_sign_is_refused(make_take: MakeTake, tmp_path: Path) -> None:
    local_identity(tmp_path)
    certificate, key = tmp_path / "local-certificate.pem", tmp_path / "local-key.pem"
    assert identity_of(certificate, key).algorithm == "es256"
    with pytest.raises(InvalidInputError, match="no unencrypted private key"):
        identity_of(certificate, certificate)
    with pytest.raises(InvalidInputError, match="holds no certificate"):
        identity_of(key, key)
    take = make_take("a", 2)
    gone = replace(take, path=tmp_path / "gone.mp4")
    with pytest.raises(MediaError, match="is not there to be signed for"):
        sign_master(assemble("edit", [gone], rate=Fraction(24)), take.path, identity=local_identity(tmp_path))


def test_the_verb_signs_beside_the_master_and_says_who_signed(
    make_take: MakeTake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("typer.get_app_dir", lambda name: str(tmp_path / name))
    take = make_take("a", 4)
    before = take.path.read_bytes()
    write_timeline(assemble("a", [take], rate=Fraction(24)), take.path)
    assert main(["sign", str(take.path)]) == 0
    printed = capsys.readouterr()
    assert printed.out.strip() == str(take.path.with_suffix(".signed.mp4"))
    assert "Valid: signingCredential.untrusted" in printed.err
    assert "local test identity" in printed.err
    assert take.path.read_bytes() == before
    assert main(["sign", str(take.path), "--key", "x.pem"]) == 2


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "c2pa", None)
    with pytest.raises(MissingToolError, match="provenance"):
        content_credentials.credentials(tmp_path / "a.mp4")
