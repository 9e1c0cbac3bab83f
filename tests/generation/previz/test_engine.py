import base64
import io
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from kling_post.errors import UsageError
from kling_post.generation.backend import Failed, JobState, NotFound, Processing, Succeeded
from kling_post.generation.local import job
from kling_post.generation.local.given import rehearsal_size
from kling_post.generation.previz import places
from kling_post.generation.previz.beside.gathered import COMMENT
from kling_post.generation.previz.contract import Picture, PictureRequest, RgbFrame
from kling_post.generation.previz.engine import SIZE_VARIABLE, PrevizBackend
from kling_post.generation.previz.job import Order, order_from_json, order_to_json
from kling_post.generation.previz.reading import read_prompt
from kling_post.generation.previz.take import draw_take
from kling_post.generation.request import parse_request
from kling_post.media.decode import decode, decode_rgb
from kling_post.media.probe import probe
from kling_post.media.sound import read_sound_whole
from kling_post.vocabulary import Size, VideoTask

SMALL = Size(160, 90)


class Bars:
    """A picture that tells its shot and frame: grey level by shot, a bright column that moves one pixel a frame."""

    drawn = frozenset({"tree"})
    notes: tuple[str, ...] = ("Drawn for a test.",)
    events: Mapping[str, tuple[float, ...]] = {"footsteps": (0.5, 1.0)}

    def __init__(self, request: PictureRequest) -> None:
        self.request = request

    def frame(self, index: int) -> RgbFrame:
        if index % 5 == 0:
            time.sleep(0.002)  # so that threads finish out of order
        picture = np.full((self.request.size.height, self.request.size.width, 3), 60 + 50 * self.request.shot_index, np.uint8)
        picture[:, index % self.request.size.width] = 250
        return picture


class Anywhere:
    """A place that is drawn as bars, under the name given."""

    def __init__(self, name: str) -> None:
        self.name = name

    def picture(self, request: PictureRequest) -> Picture:
        return Bars(request)


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "place", lambda name: Anywhere("hall" if name == "hall" else "plain"))


def request_body(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@3-4k",
        "positivePrompt": "A tree in a field, slow dolly in",
        "width": 3840,
        "height": 2160,
        "duration": 3,
    }
    return {key: value for key, value in (body | changes).items() if value is not None}


def three_shots(*, sound: bool = False) -> VideoTask:
    shots = [{"prompt": f"A tree and shot number {number}", "duration": seconds} for number, seconds in enumerate((1, 2, 1))]
    body = request_body(positivePrompt=None, duration=4, providerSettings={"klingai": {"sound": sound, "multiPrompt": shots}})
    return parse_request(body, name="grove")


def one_shot(**changes: object) -> VideoTask:
    return parse_request(request_body(**changes), name="grove")


def order(task: VideoTask, **changes: object) -> Order:
    return replace(Order(task=task, size=SMALL, threads=2), **changes)  # type: ignore[arg-type]


def draw(task: VideoTask, folder: Path, **changes: object) -> tuple[Path, job.Outcome]:
    folder.mkdir(exist_ok=True)
    outcome = draw_take(order(task, **changes), folder, 0, lambda _: None)
    return folder / outcome.video, outcome


def key_frames(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = sorted((packet.pts, packet.is_keyframe) for packet in container.demux(stream) if packet.pts is not None)
    return [index for index, (_, key) in enumerate(times) if key]


# ------------------------------------------------------------------------------------------------------------- one take


@pytest.mark.usefixtures("bars")
def test_a_take_has_its_frames_its_cuts_and_its_sound_to_the_sample(tmp_path: Path) -> None:
    path, _ = draw(three_shots(sound=True), tmp_path)
    facts = probe(path)
    assert (facts.frames, facts.rate, facts.size, facts.start_seconds) == (96, Fraction(24), SMALL, Fraction(0))
    assert facts.audio is not None
    assert (facts.audio.sample_rate, facts.audio.channels) == (48_000, 2)
    assert {0, 24, 72} <= set(key_frames(path))
    levels = [int(np.median(decode_rgb(path, index)[20:70])) for index in (0, 23, 24, 71, 72, 95)]
    assert [round((level - 60) / 50) for level in levels] == [0, 0, 1, 1, 2, 2]
    assert read_sound_whole(path).shape == (4 * 48_000, 2)


@pytest.mark.usefixtures("bars")
def test_a_take_without_sound_has_no_sound_stream(tmp_path: Path) -> None:
    assert probe(draw(one_shot(), tmp_path)[0]).audio is None


@pytest.mark.usefixtures("bars")
def test_frames_are_in_order_whatever_the_number_of_threads(tmp_path: Path) -> None:
    def planes(threads: int) -> list[bytes]:
        path, _ = draw(three_shots(), tmp_path / str(threads), threads=threads)
        return [np.asarray(frame.luma).tobytes() for frame in decode(path)]

    alone = planes(1)
    assert len(set(alone)) == 96
    assert planes(3) == alone


@pytest.mark.usefixtures("bars")
def test_the_label_is_on_the_take_and_not_on_the_stills(tmp_path: Path) -> None:
    path, outcome = draw(one_shot(), tmp_path)
    still = np.asarray(Image.open(tmp_path / outcome.sidecars["first_frame"]))
    request = PictureRequest(reading=read_prompt(""), seed=0, shot_index=0, shot_count=1, size=SMALL, frames=72, rate=Fraction(24))
    assert np.array_equal(still, Bars(request).frame(0))
    assert np.abs(decode_rgb(path, 0).astype(int) - still)[:16].max() > 40
    clean, _ = draw(one_shot(), tmp_path / "clean", clean=True)
    assert np.abs(decode_rgb(clean, 0).astype(int) - still)[:, 8:].max() < 12


@pytest.mark.usefixtures("bars")
def test_the_file_and_its_stills_say_that_they_are_no_footage(tmp_path: Path) -> None:
    path, outcome = draw(one_shot(providerSettings={"klingai": {"sound": True}}), tmp_path, clean=True)
    with av.open(str(path)) as container:
        assert container.metadata["comment"] == COMMENT == "kling_post previz - procedural, not generated footage"
    with Image.open(tmp_path / outcome.sidecars["last_frame"]) as still:
        assert still.info["Comment"] == COMMENT


@pytest.mark.usefixtures("bars")
def test_notes_say_what_was_not_drawn_and_not_understood(tmp_path: Path) -> None:
    task = one_shot(
        positivePrompt="A tree, two dogs and a lighthouse by the sea in wind and rain, grommets snarfing",
        providerSettings={"klingai": {"sound": True}},
    )
    _, outcome = draw(task, tmp_path)
    assert outcome.notes == (
        "Rehearsed at 160x90; the task asks for 3840x2160.",
        'There is no picture of the place "sea"; it is drawn as "plain".',
        "Drawn for a test.",
        "Not drawn: two dogs; a lighthouse; sea; rain.",
        "Not understood: grommets snarfing.",
    )
    reading = json.loads((tmp_path / outcome.sidecars["reading"]).read_text(encoding="utf-8"))
    assert reading["shots"][0]["place"] == "sea"
    assert reading["drawn"] == ["tree"]


@pytest.mark.usefixtures("bars")
def test_a_place_is_drawn_as_the_nearest_one_that_is_known(tmp_path: Path) -> None:
    _, outcome = draw(one_shot(positivePrompt="Inside a cathedral, a tree grows"), tmp_path)
    assert 'There is no picture of the place "cathedral"; it is drawn as "hall".' in outcome.notes


@pytest.mark.usefixtures("bars")
def test_each_result_of_an_order_has_a_seed_and_files_of_its_own(tmp_path: Path) -> None:
    task = one_shot(numberResults=2)
    outcomes = [draw_take(order(task, results=2), tmp_path, number, lambda _: None) for number in range(2)]
    assert [outcome.video for outcome in outcomes] == ["take.mp4", "take_2.mp4"]
    assert outcomes[1].seed == outcomes[0].seed + 1
    assert len({*outcomes[0].sidecars.values(), *outcomes[1].sidecars.values()}) == 8


@pytest.mark.parametrize("name", sorted(module.name for module in pkgutil.iter_modules(places.__path__)))
def test_a_places_frames_are_the_same_in_any_order_and_on_several_threads(name: str) -> None:
    place = places.place(name.replace("_", " "))
    reading = replace(
        read_prompt("Three pack animals, a mech and a person walk, birds, smoke, dust, wind, the camera cranes up"), place=place.name
    )
    request = PictureRequest(reading=reading, seed=3, shot_index=0, shot_count=1, size=SMALL, frames=48, rate=Fraction(24), threads=2)
    picture, again = place.picture(request), place.picture(replace(request, threads=1))
    wanted = [0, 7, 21, 40, 47]
    alone = [again.frame(index).tobytes() for index in wanted]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda index: picture.frame(index).tobytes(), reversed(wanted)))
    assert together[::-1] == alone
    assert len(set(alone)) == len(wanted)


def _png(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (200, 112), colour).save(stream, "PNG")
    return stream.getvalue()


def _captured(monkeypatch: pytest.MonkeyPatch, module: str, function: str) -> list[tuple[NDArray[np.uint8], ...]]:
    """Put a stand-in for a function that draws from images, and see which images it is given."""
    seen: list[tuple[NDArray[np.uint8], ...]] = []

    def stand_in(*given: NDArray[np.uint8] | PictureRequest, **_: object) -> Picture:
        seen.append(tuple(each for each in given if isinstance(each, np.ndarray)))
        return Bars(next(each for each in given if isinstance(each, PictureRequest)))

    fake = type(sys)(module)
    setattr(fake, function, stand_in)
    monkeypatch.setitem(sys.modules, module, fake)
    return seen


@pytest.mark.parametrize("as_data", [False, True])
def test_a_first_image_is_moved_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_data: bool) -> None:
    seen = _captured(monkeypatch, "kling_post.generation.previz.still", "move_over_still")
    (tmp_path / "still.png").write_bytes(_png((10, 200, 30)))
    value = f"data:image/png;base64,{base64.b64encode(_png((10, 200, 30))).decode()}" if as_data else str(tmp_path / "still.png")
    task = one_shot(width=None, height=None, inputs={"frameImages": [value]})
    path, outcome = draw(task, tmp_path)
    ((image,),) = seen
    assert image.shape == (112, 200, 3)
    assert image[0, 0].tolist() == [10, 200, 30]
    assert probe(path).frames == 72
    assert not any(note.startswith("Not drawn") for note in outcome.notes)


def test_two_images_are_gone_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _captured(monkeypatch, "kling_post.generation.previz.between", "go_between")
    for name, colour in (("a", (1, 2, 3)), ("b", (200, 100, 50))):
        (tmp_path / f"{name}.png").write_bytes(_png(colour))
    images = [{"image": str(tmp_path / "b.png"), "frame": "last"}, {"image": str(tmp_path / "a.png"), "frame": "first"}]
    draw(one_shot(width=None, height=None, inputs={"frameImages": images}), tmp_path)
    ((first, last),) = seen
    assert (first[0, 0].tolist(), last[0, 0].tolist()) == ([1, 2, 3], [200, 100, 50])


@pytest.mark.usefixtures("bars")
def test_an_image_at_a_url_is_replaced_by_the_prompts_own_picture_and_said_so(tmp_path: Path) -> None:
    url = "https://example.com/first.jpg"
    path, outcome = draw(one_shot(width=None, height=None, inputs={"frameImages": [url]}), tmp_path)
    assert f"The first frame image {url} cannot be read offline; the prompt's own picture stands in for it." in outcome.notes
    assert probe(path).frames == 72


@pytest.mark.usefixtures("bars")
def test_of_two_images_the_one_that_cannot_be_read_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _captured(monkeypatch, "kling_post.generation.previz.between", "go_between")
    (tmp_path / "a.png").write_bytes(_png((1, 2, 3)))
    _, outcome = draw(
        one_shot(width=None, height=None, inputs={"frameImages": [str(tmp_path / "a.png"), "https://example.com/b.png"]}), tmp_path
    )
    ((first, last),) = seen
    assert first[0, 0].tolist() == [1, 2, 3]
    assert last.shape == (90, 160, 3)
    assert any(note.startswith("The last frame image https://example.com/b.png cannot be read offline") for note in outcome.notes)


@pytest.mark.parametrize(
    ("asked", "wanted", "expected"),
    [
        (Size(3840, 2160), Size(1280, 720), Size(1280, 720)),
        (Size(2160, 3840), Size(1280, 720), Size(720, 1280)),
        (Size(2880, 2880), Size(1280, 720), Size(1280, 1280)),
        (Size(3840, 2160), Size(853, 480), Size(852, 480)),
    ],
)
def test_a_rehearsal_keeps_the_aspect_asked_for(asked: Size, wanted: Size, expected: Size) -> None:
    assert rehearsal_size(asked, wanted) == expected


# ------------------------------------------------------------------------------------------------------------ the backend


def wait(backend: PrevizBackend, task: VideoTask, folder: Path, until: Callable[[JobState], bool], seconds: float = 60) -> JobState:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        state = backend.poll(task, folder)
        if until(state):
            return state
        time.sleep(0.02)
    log = folder / job.LOG
    raise AssertionError(f"still {state}; {log.read_text() if log.exists() else ''}")


def ended(state: JobState) -> bool:
    return not isinstance(state, Processing)


def started(state: JobState) -> bool:
    return not isinstance(state, Processing) or bool(state.fraction)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part")]


def test_a_task_is_drawn_in_a_child_process_and_fetched(tmp_path: Path) -> None:
    backend = PrevizBackend(size_override=SMALL, threads=1)
    task, folder = one_shot(providerSettings={"klingai": {"sound": True}}), tmp_path / "work"
    assert backend.poll(task, folder) == NotFound()
    backend.submit(task, folder)
    backend.submit(task, folder)
    state = wait(backend, task, folder, ended)
    assert isinstance(state, Succeeded), state
    (video,) = state.videos
    assert (video.cost_usd, video.seed) == (Decimal(0), task.seed)
    assert {"camera", "camera_path", "contact_sheet", "first_frame", "last_frame", "reading"} == set(video.sidecars)
    assert all(path.is_file() for path in video.sidecars.values())
    told: list[tuple[int, int]] = []
    backend.fetch(video, tmp_path / "take.mp4.part", lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == (tmp_path / "take.mp4.part").stat().st_size
    assert probe(Path(video.location)).frames == 72
    assert leftovers(folder) == []
    written = Path(video.location).stat().st_mtime_ns
    later = PrevizBackend(size_override=SMALL, threads=2)
    later.submit(task, folder)
    assert later.poll(task, folder) == state
    assert Path(video.location).stat().st_mtime_ns == written
    # Asked for in another size, it is not the same work.
    later.size_override = Size(128, 72)
    later.submit(task, folder)
    assert isinstance(wait(later, task, folder, ended), Succeeded)
    assert probe(folder / "take.mp4").size == Size(128, 72)
    backend.close()
    later.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_child_is_told_of_and_starts_over_cleanly(tmp_path: Path) -> None:
    backend = PrevizBackend(size_override=Size(640, 360), threads=1)
    task, folder = one_shot(), tmp_path / "work"
    backend.submit(task, folder)
    wait(backend, task, folder, started)
    progress = job.read_json(folder / job.PROGRESS)
    assert progress is not None
    os.kill(progress["pid"], signal.SIGKILL)
    state = wait(backend, task, folder, ended)
    assert isinstance(state, Failed)
    assert (state.code, state.retryable) == ("workerDied", True)
    assert "SIGKILL" in state.message
    (folder / "take.mp4").write_bytes(b"half")
    backend.size_override = SMALL
    backend.submit(task, folder)
    state = wait(backend, task, folder, ended)
    assert isinstance(state, Succeeded), state
    assert probe(Path(state.videos[0].location)).size == SMALL
    backend.close()


def test_closing_the_backend_ends_the_child_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    backend = PrevizBackend(size_override=Size(640, 360), threads=1)
    task, folder = one_shot(duration=15), tmp_path / "work"  # long enough not to be ready before it is looked at again
    backend.submit(task, folder)
    wait(backend, task, folder, started)
    backend.close()
    assert leftovers(folder) == []
    assert not (folder / job.RESULT).exists()
    assert not (folder / job.FAILURE).exists()
    assert PrevizBackend().poll(task, folder) == NotFound()


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    program = (
        "import json, sys, time; from pathlib import Path\n"
        "from kling_post.generation.previz.engine import PrevizBackend\n"
        "from kling_post.generation.request import parse_request\n"
        "backend = PrevizBackend(size_override='640x360', threads=1)\n"
        "backend.submit(parse_request(json.loads(sys.argv[1]), name='grove'), Path(sys.argv[2]))\n"
        "time.sleep(60)\n"
    )
    backend, task = PrevizBackend(), one_shot(duration=15)
    with subprocess.Popen([sys.executable, "-c", program, json.dumps(request_body(duration=15)), str(folder)]) as parent:
        # Another process sees the job under way, and does not start it a second time.
        wait(backend, task, folder, lambda state: isinstance(state, Processing) and bool(state.fraction))
        backend.submit(task, folder)
        parent.kill()
    assert wait(backend, task, folder, ended, seconds=10) == NotFound()
    assert leftovers(folder) == []


def test_a_failure_is_one_sentence(tmp_path: Path) -> None:
    image = tmp_path / "still.png"
    image.write_bytes(_png((9, 9, 9)))
    task = one_shot(width=None, height=None, inputs={"frameImages": [str(image)]})
    image.unlink()
    backend = PrevizBackend(size_override=SMALL)
    backend.submit(task, tmp_path / "work")
    state = wait(backend, task, tmp_path / "work", ended)
    assert isinstance(state, Failed)
    assert str(image) in state.message
    assert "Traceback" not in state.message
    assert (state.code, state.retryable) == ("mediaError", True)
    image.write_bytes(_png((9, 9, 9)))
    backend.submit(task, tmp_path / "work")
    assert isinstance(wait(backend, task, tmp_path / "work", ended), Succeeded)
    backend.close()


def test_problems_are_the_providers_own_and_what_cannot_be_written() -> None:
    backend = PrevizBackend()
    assert backend.problems(one_shot()) == ()
    (problem,) = backend.problems(one_shot(outputFormat="WEBM"))
    assert (problem.code, problem.parameter) == ("unsupportedParameter", "outputFormat")
    assert backend.price_usd(one_shot()) == 0


def test_a_local_image_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills" / "a.png").write_bytes(_png((1, 2, 3)))
    body = request_body(width=None, height=None, inputs={"frameImages": ["stills/a.png"]})
    task = parse_request(body, name="grove", source=tmp_path / "grove.json")
    monkeypatch.chdir("/")
    assert PrevizBackend().problems(task) == ()


def test_the_rehearsal_size_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIZE_VARIABLE, "1280x720")
    assert PrevizBackend().size_override == Size(1280, 720)
    assert PrevizBackend(size_override="640x360").size_override == Size(640, 360)
    monkeypatch.setenv(SIZE_VARIABLE, "large")
    with pytest.raises(UsageError, match="1280x720"):
        PrevizBackend()


def test_an_order_survives_its_way_to_the_child() -> None:
    task = three_shots(sound=True)
    given = Order(task=task, size=SMALL, seed=3, clean=True, threads=5, results=2, suffix=".mov")
    assert order_from_json(json.loads(json.dumps(order_to_json(given)))) == given


@pytest.mark.parametrize("size", ["128x72", "90x80", "tiny"])
def test_a_size_in_which_the_label_cannot_be_read_is_refused(size: str) -> None:
    with pytest.raises(UsageError):
        PrevizBackend(size_override=size)
