"""The pictures of the README and of docs/, made anew from finished runs.

    ./scripts/demo && kling-post run samples/four_worlds/project.yaml
    python scripts/make_pictures.py [--out out] [--pictures docs/pictures]

One frame of the demo's master, the demo's report as Chromium shows it (skipped where there is none), and a contact sheet of each
of the four sample requests.
"""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kling_post.media.decode import decode_rgb
from kling_post.media.probe import probe

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


def screenshot(page: Path, target: Path, *, width: int, height: int) -> None:
    """The page as headless Chromium shows it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium here: the report's picture is left as it is")
        return
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--hide-scrollbars"]
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [browser, *quiet, f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={target}", page.as_uri()],
            check=True,
            capture_output=True,
        )
    with Image.open(target) as image:
        image.convert("P", palette=Image.Palette.ADAPTIVE, colors=256).save(target, optimize=True)
    print(target)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=Path("out"))
    options.add_argument("--pictures", type=Path, default=Path("docs/pictures"))
    chosen = options.parse_args()
    chosen.pictures.mkdir(parents=True, exist_ok=True)
    demo = chosen.out.resolve() / DEMO
    if demo.is_dir():
        save(decode_rgb(demo / "master" / f"{DEMO}.mp4", DEMO_FRAME), chosen.pictures / "demo_frame.jpg", 1920)
        screenshot(demo / "report" / "index.html", chosen.pictures / "demo_report.png", width=1280, height=1580)
    for take in sorted((chosen.out / "four_worlds" / "takes").glob("*.mp4")):
        save(contact_sheet(take), chosen.pictures / f"sheet_{take.stem.split('_t1_')[0]}.jpg", SHEET_COLUMNS * SHEET_WIDTH)


if __name__ == "__main__":
    main()
