"""Every sound of the embedded backend's foley as a spectrogram on one page, and its figures as a table.

    python scripts/foley_spectra.py [--picture docs/pictures/foley_spectra.jpg] [--seconds 10]

Each sound alone, dry, with a seed of its own, before levels and room: band shares of its power, its median frequency, how peaky it is,
how fast its loudness moves, and how much of it comes again (nothing is a loop).
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.sounds import makers
from kling_post.generation.previz.sounds.material import RATE, Scene

Floats = NDArray[np.float64]
BANDS = ((20, 250), (250, 2_000), (2_000, 8_000), (8_000, 20_000))
PANEL, COLUMNS, GAP, TOP = (440, 190), 3, 14, 26
LOW_HERTZ, HIGH_HERTZ = 25.0, 20_000.0
WINDOW, STEP = 4096, 512
FLOOR_DB = -80.0


def sound_of(key: str, seconds: float) -> Floats:
    """(samples, 2) of a sound with nothing seen."""
    scene = Scene(
        samples=round(seconds * RATE), rng=np.random.default_rng(5), reading=Reading(prompt="", place="plain", time_of_day="noon")
    )
    return makers()[key].make(scene)


def power(sound: Floats) -> tuple[Floats, Floats]:
    """Hertz and the power at each, both channels together."""
    spectrum = (np.abs(np.fft.rfft(sound * np.hanning(len(sound))[:, None], axis=0)) ** 2).sum(axis=1)
    return np.asarray(np.fft.rfftfreq(len(sound), 1 / RATE), np.float64), np.asarray(spectrum, np.float64)


def slow_share(sound: Floats) -> float:
    """Share of the movement of the loudness (RMS over 20 ms) that is slower than 2 Hz."""
    block = RATE // 50
    level = np.sqrt((sound[: len(sound) // block * block] ** 2).reshape(-1, block * 2).mean(axis=1))
    moving = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)))) ** 2
    hertz = np.fft.rfftfreq(len(level), 1 / 50)
    return float(moving[hertz < 2].sum() / max(float(moving.sum()), 1e-30))


def comes_again(sound: Floats, *, least_seconds: float = 0.5) -> float:
    """The largest correlation of the sound with itself later on, 0 to 1, after its spectrum was made flat: 1 would be a loop.

    Flat, because a steady tone is like itself at any time without being repeated.
    """
    mono = sound.mean(axis=1)
    size = 2 * len(mono)
    spectrum = np.fft.rfft(mono, size)
    smooth = cv2.blur(np.abs(spectrum)[:, None], (1, 101), borderType=cv2.BORDER_REPLICATE)[:, 0]
    flat = spectrum / np.maximum(smooth, 1e-3 * smooth.max() + 1e-30)
    alike = np.fft.irfft(np.abs(flat) ** 2)[: len(mono)]
    first, last = round(least_seconds * RATE), len(mono) // 2
    overlap = 1 - np.arange(first, last) / len(mono)
    return float((np.abs(alike[first:last]) / (alike[0] * overlap)).max())


def figures(key: str, sound: Floats) -> list[str]:
    """One line of the table."""
    hertz, spectrum = power(sound)
    whole = spectrum[hertz >= BANDS[0][0]].sum()
    shares = [float(spectrum[(hertz >= low) & (hertz < high)].sum() / whole) for low, high in BANDS]
    median = float(hertz[np.searchsorted(np.cumsum(spectrum), spectrum.sum() / 2)])
    crest = 20 * np.log10(np.abs(sound).max() / np.sqrt(np.mean(sound**2)))
    maker = makers()[key]
    level = f"{maker.level_db:g} dBFS {maker.measure}"
    return [
        key,
        level,
        *(f"{share:.0%}" for share in shares),
        f"{median:.0f}",
        f"{crest:.0f}",
        f"{slow_share(sound):.0%}",
        f"{comes_again(sound):.2f}",
    ]


def panel(sound: Floats) -> NDArray[np.uint8]:
    """A spectrogram, low frequencies at the bottom, on a logarithmic scale."""
    mono = np.pad(sound.mean(axis=1), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::STEP] * np.hanning(WINDOW)
    level = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1)).T + 1e-9)
    width, height = PANEL
    wanted = np.geomspace(HIGH_HERTZ, LOW_HERTZ, height) / RATE * WINDOW
    rows = np.stack([np.interp(wanted, np.arange(len(level)), column) for column in level.T], axis=1)
    shown = np.clip((rows - rows.max() - FLOOR_DB) / -FLOOR_DB, 0, 1)
    grey = cv2.resize((shown * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB), np.uint8)


def page(sounds: dict[str, Floats], seconds: float) -> Image.Image:
    """All panels with their names and scales."""
    width, height = PANEL
    margin = 44
    rows = -(-len(sounds) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (width + margin + GAP) + GAP, rows * (height + TOP + GAP + 14) + GAP), (20, 20, 22))
    draw, font, small = ImageDraw.Draw(sheet), ImageFont.load_default(15), ImageFont.load_default(11)
    for number, (key, sound) in enumerate(sounds.items()):
        left = GAP + margin + number % COLUMNS * (width + margin + GAP)
        top = GAP + TOP + number // COLUMNS * (height + TOP + GAP + 14)
        draw.text((left, top - 22), key, fill=(235, 235, 238), font=font)
        sheet.paste(Image.fromarray(panel(sound)), (left, top))
        for hertz, name in ((100, "100 Hz"), (1_000, "1 kHz"), (10_000, "10 kHz")):
            at = top + height * np.log(HIGH_HERTZ / hertz) / np.log(HIGH_HERTZ / LOW_HERTZ)
            draw.line((left - 5, at, left, at), fill=(160, 160, 165))
            draw.text((left - margin, at - 7), name, fill=(160, 160, 165), font=small)
        for second in range(0, round(seconds) + 1, 2):
            draw.text((left + width * second / seconds - 3, top + height + 2), f"{second}", fill=(160, 160, 165), font=small)
    return sheet


def main() -> None:
    """Write the picture and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--picture", type=Path, default=Path("docs/pictures/foley_spectra.jpg"))
    options.add_argument("--seconds", type=float, default=10.0)
    asked = options.parse_args()
    sounds = {key: sound_of(key, asked.seconds) for key in makers()}
    sheet = page(sounds, asked.seconds)
    sheet.save(asked.picture, quality=84, optimize=True)
    heads = ["sound", "level", *(f"{low}-{high} Hz" for low, high in BANDS), "median, Hz", "crest, dB", "slower than 2 Hz", "comes again"]
    print("| " + " | ".join(heads) + " |\n" + "|" + "---|" * len(heads))
    for key, sound in sounds.items():
        print("| " + " | ".join(figures(key, sound)) + " |")


if __name__ == "__main__":
    main()
