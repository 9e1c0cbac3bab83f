import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_post.errors import InvalidInputError
from kling_post.review.session import ReviewSession, load_session, report_path
from kling_post.vocabulary import FrameRange, Severity


def test_a_run_is_read_from_its_report(session: ReviewSession, take_of: Callable[[str, int], str]) -> None:
    assert [(shot.shot_id, [take.number for take in shot.takes]) for shot in session.shots] == [("one", [1, 2]), ("two", [1])]
    assert session.used == {"one": take_of("one", 1), "two": take_of("two", 1)}
    freeze = session.takes[take_of("two", 1)].judgement.findings[0]
    assert (freeze.check, freeze.severity, freeze.frames) == ("freeze", Severity.FAIL, FrameRange(10, 20))
    assert session.seams[0].subject == "one to two"


def changed(folder: Path, change: Callable[[dict[str, object]], object]) -> Path:
    path = report_path(folder)
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return folder


def test_clips_at_another_rate_are_counted_in_the_take_s_own_frames(make_run: Callable[[], Path]) -> None:
    folder = changed(make_run(), lambda data: data["timeline"].update(rate="48"))  # type: ignore[attr-defined]
    assert [(clip.source.start, clip.source.stop) for clip in load_session(folder).clips] == [(0, 24), (0, 24)]


def test_a_clip_at_another_speed_is_counted_in_the_frames_that_the_report_says(make_run: Callable[[], Path]) -> None:
    def faster(data: dict[str, object]) -> None:
        data["timeline"]["clips"][0].update(take_frames={"start": 2, "stop": 46})  # type: ignore[index]

    assert load_session(changed(make_run(), faster)).clips[0].source == FrameRange(2, 46)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.update(schema_version=99), "not a report of this version"),
        (lambda data: data.pop("takes"), "is damaged"),
        (lambda data: data["takes"][0].update(cost_usd="many"), "is damaged"),
        (lambda data: data["timeline"].update(rate="0/0"), "is damaged"),
    ],
)
def test_a_damaged_report_is_refused_in_one_sentence(
    make_run: Callable[[], Path], change: Callable[[dict[str, object]], object], says: str
) -> None:
    with pytest.raises(InvalidInputError, match=says):
        load_session(changed(make_run(), change))
