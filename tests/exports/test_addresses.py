"""Every format with addresses in it says where the takes are in the style asked for."""

import re
from pathlib import Path
from urllib.parse import unquote

import opentimelineio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.edit.timeline import Timeline
from kling_post.errors import UsageError
from kling_post.exports.addresses import addressed, file_url
from kling_post.exports.registry import export_format

FORMATS = {"otio": r'"target_url":\s*"([^"]+)"', "fcpxml": r'src="([^"]+)"', "xmeml": r"<pathurl>([^<]+)</pathurl>"}


def addresses(timeline: Timeline, name: str, folder: Path) -> list[str]:
    path = folder / f"edit{export_format(name).suffix}"
    export_format(name).write(timeline, path)
    return list(dict.fromkeys(re.findall(FORMATS[name], path.read_text("utf-8"))))


@pytest.mark.parametrize("name", FORMATS)
def test_relative_addresses_lead_from_the_export_to_the_take(name: str, two_worlds: Timeline, tmp_path: Path) -> None:
    found = addresses(addressed(two_worlds, "relative", Path("/footage/edit/exports")), name, tmp_path)
    assert found == ["../../salt%20flats/caravan.mp4", "../../glacier.mp4"]


@pytest.mark.parametrize(("name", "start"), [("otio", "file://"), ("fcpxml", "file://"), ("xmeml", "file://localhost")])
def test_mapped_addresses_are_those_of_the_other_machine(name: str, start: str, two_worlds: Timeline, tmp_path: Path) -> None:
    mac = addressed(two_worlds, "/footage=/Volumes/RAID 1", tmp_path)
    assert addresses(mac, name, tmp_path) == [f"{start}/Volumes/RAID%201/salt%20flats/caravan.mp4", f"{start}/Volumes/RAID%201/glacier.mp4"]
    windows = addressed(two_worlds, "/footage=D:\\Kling", tmp_path)
    assert addresses(windows, name, tmp_path) == [f"{start}/D:/Kling/salt%20flats/caravan.mp4", f"{start}/D:/Kling/glacier.mp4"]


def test_the_table_of_clips_has_the_same_addresses(two_worlds: Timeline, tmp_path: Path) -> None:
    export_format("csv").write(addressed(two_worlds, "/footage=D:\\Kling", tmp_path), tmp_path / "a.csv")
    assert "D:\\Kling\\salt flats\\caravan.mp4" in (tmp_path / "a.csv").read_text("utf-8-sig")


def test_a_format_that_knows_absolute_addresses_only_says_so(two_worlds: Timeline, tmp_path: Path) -> None:
    notes = export_format("xmeml").write(addressed(two_worlds, "relative", tmp_path), tmp_path / "a.xml")
    assert any("Relative paths" in note for note in notes)
    assert not any("Relative paths" in note for note in export_format("xmeml").write(two_worlds, tmp_path / "b.xml"))


@pytest.mark.parametrize("style", ["realtive", "/elsewhere=/x", "=x", "/footage="])
def test_a_style_that_does_nothing_is_refused(style: str, two_worlds: Timeline) -> None:
    with pytest.raises(UsageError):
        addressed(two_worlds, style, Path("/x"))


@given(data=st.data())
def test_relative_addresses_of_any_names_come_back_to_the_files(
    data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path_factory: pytest.TempPathFactory
) -> None:
    timeline = data.draw(any_timeline)
    folder = Path("/footage/other place")
    for clip in addressed(timeline, "relative", folder).clips:
        url = file_url(clip)
        assert url.isascii()
        assert Path(f"{folder}/{unquote(url)}").resolve() == clip.path


def test_relative_otio_is_read_back(two_worlds: Timeline, tmp_path: Path) -> None:
    export_format("otio").write(addressed(two_worlds, "relative", Path("/footage")), tmp_path / "a.otio")
    read = opentimelineio.adapters.read_from_file(str(tmp_path / "a.otio"))
    assert next(clip.media_reference.target_url for clip in read.find_clips()) == "salt%20flats/caravan.mp4"
