"""Our meter beside ffmpeg's ebur128, and pyloudnorm and libebur128 (pyebur128) where they are installed, on EBU Tech 3341 and 3342.

    python scripts/compare_loudness.py

Every number is the worst over the files of a case: what a meter showed, farthest from what the standard expects. The signals are
those of kling_post/sound/reference_signals.py, written as 24-bit WAV for ffmpeg. A dash: the tool does not measure it, or is not installed.
"""

import importlib
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kling_post.media.ffmpeg import ffmpeg_program
from kling_post.media.wav import write_wav
from kling_post.sound import reference_signals as ebu
from kling_post.sound.normalise import measure

Figures = dict[str, float]


def ours(samples: ebu.Signal, _path: Path) -> Figures:
    found = measure([samples], ebu.RATE)
    return {
        "I": found.integrated_lufs,
        "M": found.max_momentary_lufs,
        "S": found.max_short_term_lufs,
        "LRA": found.loudness_range_lu,
        "TP": found.true_peak_dbtp,
    }


def ffmpeg(_samples: ebu.Signal, path: Path) -> Figures:
    command = [ffmpeg_program(), "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true:metadata=1,ametadata=print:file=-"]
    done = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True)
    curves = {key: [float(value) for value in re.findall(rf"r128\.{key}=(-?[\d.]+)", done.stdout)] for key in ("I", "M", "S", "LRA")}
    peaks = [float(value) for value in re.findall(r"true_peaks_ch\d+=(-?[\d.]+)", done.stdout)]
    return {
        "I": curves["I"][-1],
        "M": max(curves["M"]),
        "S": max(curves["S"]),
        "LRA": curves["LRA"][-1],
        "TP": 20 * float(np.log10(max(peaks))),
    }


def _optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def pyloudnorm(samples: ebu.Signal, _path: Path) -> Figures:
    module = _optional("pyloudnorm")
    if module is None or samples.shape[1] > 5:
        return {}
    meter = module.Meter(ebu.RATE)
    figures = {"I": float(meter.integrated_loudness(samples.astype(np.float64)))} if len(samples) > 0.4 * ebu.RATE else {}
    if hasattr(meter, "loudness_range") and len(samples) > 3 * ebu.RATE:
        figures["LRA"] = float(meter.loudness_range(samples.astype(np.float64)))
    return figures


def libebur128(samples: ebu.Signal, _path: Path) -> Figures:
    module = _optional("pyebur128")
    if module is None:
        return {}
    mode = module.MeasurementMode
    state = module.R128State(samples.shape[1], ebu.RATE, mode.MODE_I | mode.MODE_M | mode.MODE_S | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    momentary, short_term = [-np.inf], [-np.inf]
    for start in range(0, len(samples), 4800):
        block = samples[start : start + 4800].astype(np.float64).ravel()
        state.add_frames(block, len(block) // samples.shape[1])
        momentary.append(module.get_loudness_momentary(state))
        if start + 4800 >= 3 * ebu.RATE:
            short_term.append(module.get_loudness_shortterm(state))
    return {
        "I": module.get_loudness_global(state),
        "M": max(momentary),
        "S": max(short_term),
        "LRA": module.get_loudness_range(state),
        "TP": 20 * float(np.log10(max(module.get_true_peak(state, channel) for channel in range(samples.shape[1])))),
    }


METERS: dict[str, Callable[[ebu.Signal, Path], Figures]] = {
    "kling_post": ours,
    "ffmpeg ebur128": ffmpeg,
    "pyloudnorm": pyloudnorm,
    "libebur128": libebur128,
}


def cases() -> list[tuple[str, str, float, float, list[ebu.Signal]]]:
    """Title, figure, expected, tolerance, signals."""
    rows = [(f"3341-{n}", "I", ebu.INTEGRATED_EXPECTED[n], 0.1, [ebu.integrated_case(n)]) for n in ebu.INTEGRATED_EXPECTED]
    rows += [
        ("3341-9", "S", -23.0, 0.1, [ebu.short_term_constant()]),
        ("3341-10", "S", -23.0, 0.1, [ebu.short_term_file(n) for n in range(20)]),
        ("3341-12", "M", -23.0, 0.1, [ebu.momentary_constant()]),
        ("3341-13", "M", -23.0, 0.1, [ebu.momentary_file(n) for n in range(20)]),
    ]
    rows += [(f"3341-{n}", "TP", values[3], 0.4, [ebu.peak_tone(*values[:3])]) for n, values in ebu.TRUE_PEAK_TONES.items()]
    rows += [(f"3341-{20 + n}", "TP", 0.0, 0.4, [ebu.peak_burst(n)]) for n in range(4)]
    rows += [(f"3342-{n}", "LRA", expected, 1.0, [ebu.loudness_range_case(n)]) for n, expected in ebu.LOUDNESS_RANGE_EXPECTED.items()]
    return rows


def main() -> None:
    print(f"{'case':10}{'figure':>8}{'expected':>10}{'tolerance':>11}" + "".join(f"{name:>18}" for name in METERS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.wav"
        for title, figure, expected, tolerance, signals in cases():
            cells = []
            for meter in METERS.values():
                shown: list[float] = []
                for signal in signals:
                    write_wav(path, signal, ebu.RATE, bits=24 if np.abs(signal).max() <= 1 else 32)
                    value = meter(signal, path).get(figure)
                    shown += [] if value is None else [value]
                worst = max(shown, key=lambda value: abs(value - expected), default=None)
                fails = worst is not None and abs(worst - expected) > tolerance + 1e-9
                cells.append("-" if worst is None else f"{worst:.3f}{' FAIL' if fails else ''}")
            print(f"{title:10}{figure:>8}{expected:10.1f}{tolerance:11.1f}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
