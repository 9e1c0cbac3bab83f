"""The pictures of the README and of docs/, made anew from finished runs.

    ./scripts/demo && kling-post run samples/four_worlds/project.yaml
    kling-post run samples/four_worlds/project.yaml --takes 2 --rehearse 640x360
    python scripts/make_pictures.py [--out out] [--pictures docs/pictures]

One frame of the demo's master, one frame of every place that the previz draws (--only-places makes this alone), a contact
sheet of each of the four sample requests, and, as Chromium shows them (skipped where there is none), the demo's report and the
review page of the rehearsed project, wide and on a telephone.
"""

import argparse
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kling_post.generation.previz.contract import PictureRequest
from kling_post.generation.previz.places import place
from kling_post.generation.previz.reading import place_chain, read_prompt
from kling_post.media.decode import decode_rgb
from kling_post.media.probe import probe
from kling_post.vocabulary import Size
from tests.review.browser import Watched, chromium, launched, served

DEMO = "volcanic_salt_flats_caravan"
DEMO_FRAME = 110
SHEET_COLUMNS, SHEET_ROWS, SHEET_WIDTH = 4, 2, 480


def save(picture: NDArray[np.uint8], path: Path, width: int) -> None:
    """As JPEG of that width."""
    image = Image.fromarray(picture)
    image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS).save(path, quality=86, optimize=True)
    print(path)


def contact_sheet(take: Path) -> NDArray[np.uint8]:
    """Eight frames of a take, evenly spread, first and last among them."""
    last = probe(take).frames - 1
    count = SHEET_COLUMNS * SHEET_ROWS
    frames = [decode_rgb(take, round(last * index / (count - 1)), width=SHEET_WIDTH) for index in range(count)]
    rows = [np.concatenate(frames[row * SHEET_COLUMNS : (row + 1) * SHEET_COLUMNS], axis=1) for row in range(SHEET_ROWS)]
    return np.concatenate(rows, axis=0)


PLACES = (
    "Salt flats at dawn, volcanic ridges, three pack animals, wide shot",
    "A colossal brass mech in an amber quarry at golden hour, lanterns, dust",
    "A flooded railway station, a violinist, sunbeams",
    "A frozen library under an aurora, an archivist in a crimson coat",
    "A city street at night in the rain, neon signs, a woman in a red coat",
    "A city street on a sunny morning, cars",
    "A city skyline at night, aerial shot",
    "A city skyline at golden hour, aerial shot",
    "Autumn forest at golden hour, a hiker",
    "A forest at dawn in fog",
    "Underwater, a coral reef, yellow fish, sunbeams",
    "A whale in the deep sea",
    "A spaceship in orbit above the earth",
    "Saturn and its rings, an astronaut drifts",
    "A meadow at noon, two horses",
    "Sand dunes at golden hour, a camel caravan",
    "A snowy field at dusk, a traveler, snow falling",
    "A sailing boat on the open sea at sunset, wide shot",
    "A mountain lake at sunrise, wide shot",
    "A cathedral, stained glass, sunbeams",
    "A desert highway at golden hour, a red car",
    "A snowy mountain road at dusk",
    "A living room in the morning, a window, a chair and a table",
    "A perfume bottle on a pedestal, studio, dark grey background",
)
"""Prompts for the sheet of all places, in its order."""


def sheet_of_places() -> NDArray[np.uint8]:
    """The middle frame of a shot of each place, four a row."""
    pictures = []
    for prompt in PLACES:
        reading = read_prompt(prompt)
        found = next(one for name in place_chain(reading.place) if (one := place(name)).name == name)
        request = PictureRequest(
            reading=replace(reading, place=found.name),
            seed=7,
            shot_index=0,
            shot_count=1,
            size=Size(2 * SHEET_WIDTH, 2 * SHEET_WIDTH * 9 // 16),
            frames=120,
            rate=Fraction(24),
        )
        frame = Image.fromarray(found.picture(request).frame(60))
        pictures.append(np.asarray(frame.resize((SHEET_WIDTH, SHEET_WIDTH * 9 // 16), Image.Resampling.LANCZOS)))
    rows = [np.concatenate(pictures[first : first + SHEET_COLUMNS], axis=1) for first in range(0, len(pictures), SHEET_COLUMNS)]
    return np.concatenate(rows, axis=0)


def shots_of_pages(report: Path, rehearsed: Path, pictures: Path) -> None:
    """The report and the review page as headless Chromium shows them, 1280 and 390 wide."""
    if chromium() is None:
        print("no Chromium here: the pages' pictures are left as they are")
        return
    with launched() as browser:
        if report.is_file():
            picture_of(Watched(browser, height=1580, scheme="light"), report.as_uri(), pictures / "demo_report.png")
            picture_of(Watched(browser, width=390, height=1400, scheme="light"), report.as_uri(), pictures / "demo_report_390.png")
        if not rehearsed.is_dir():
            return
        with served(rehearsed) as link:
            watched = Watched(browser)
            watched.open(link)
            for key in ("ArrowDown", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight"):
                watched.page.keyboard.press(key)
                watched.page.wait_for_timeout(500)
            save_picture(watched.page.screenshot(), pictures / "review.jpg")
            watched.page.keyboard.press("v")
            watched.page.wait_for_timeout(1500)
            save_picture(watched.page.screenshot(), pictures / "review_wipe.jpg")
            narrow = Watched(browser, width=390, height=1400)
            narrow.open(link)
            narrow.page.wait_for_timeout(1000)
            save_picture(narrow.page.screenshot(), pictures / "review_390.jpg")


def picture_of(watched: Watched, address: str, target: Path) -> None:
    watched.page.goto(address)
    watched.page.wait_for_timeout(1000)
    save_picture(watched.page.screenshot(), target)


def save_picture(shot: bytes, target: Path) -> None:
    """As a PNG of few colours, or as a JPEG where a large picture is in it."""
    with Image.open(BytesIO(shot)) as image:
        if target.suffix == ".jpg":
            image.convert("RGB").save(target, quality=88, optimize=True)
        else:
            image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
    print(target)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=Path("out"))
    options.add_argument("--pictures", type=Path, default=Path("docs/pictures"))
    options.add_argument("--only-places", action="store_true", help="the sheet of all places, which needs no run")
    chosen = options.parse_args()
    chosen.pictures.mkdir(parents=True, exist_ok=True)
    save(sheet_of_places(), chosen.pictures / "sheet_places.jpg", SHEET_COLUMNS * SHEET_WIDTH)
    if chosen.only_places:
        return
    demo = chosen.out.resolve() / DEMO
    if demo.is_dir():
        save(decode_rgb(demo / "master" / f"{DEMO}.mp4", DEMO_FRAME), chosen.pictures / "demo_frame.jpg", 1920)
    shots_of_pages(demo / "report" / "index.html", chosen.out.resolve() / "four_worlds" / "rehearsal_640x360", chosen.pictures)
    for take in sorted((chosen.out / "four_worlds" / "takes").glob("*.mp4")):
        save(contact_sheet(take), chosen.pictures / f"sheet_{take.stem.split('_t1_')[0]}.jpg", SHEET_COLUMNS * SHEET_WIDTH)


if __name__ == "__main__":
    main()
