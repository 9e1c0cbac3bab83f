"""WAV files, written so that half a file never looks whole."""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kling_post.whole_files import whole_file

Samples = NDArray[np.float32]

_SUBTYPE_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_CHANNEL_MASKS = {1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 8: 0x63F}
"""Speaker positions of WAVE_FORMAT_EXTENSIBLE; 0, "not said", for other counts."""


def write_wav(path: Path, samples: Samples | Iterable[Samples], sample_rate: int, *, bits: Literal[24, 32] = 24) -> Path:
    """Write a WAV file: 24-bit integer PCM, or 32-bit float which also keeps what lies beyond full scale.

    The file appears under its name only when it is complete.

    Args:
        path: Where to write.
        samples: One array (samples, channels), or blocks of it in order.
        sample_rate: In hertz.
        bits: 24 for integer, 32 for float.

    Raises:
        ValueError: no block, blocks of unequal channel counts, samples beyond full scale in 24 bits, or over 4 GiB of them.
    """
    blocks = iter([samples] if isinstance(samples, np.ndarray) else samples)
    first = next(blocks, None)
    if first is None:
        raise ValueError(f"{path}: no sound to write")
    channels = first.shape[1]
    with whole_file(path) as part, part.open("wb") as file:
        file.write(_wav_header(channels, sample_rate, bits, 0))
        written = file.write(_packed(first, bits))
        for block in blocks:
            if block.shape[1] != channels:
                raise ValueError(f"{path}: a block has {block.shape[1]} channels, the first had {channels}")
            written += file.write(_packed(block, bits))
        file.write(b"\0" * (written % 2))
        file.seek(0)
        file.write(_wav_header(channels, sample_rate, bits, written))
    return path


def _wav_header(channels: int, sample_rate: int, bits: int, data_bytes: int) -> bytes:
    tag = 3 if bits == 32 else 1
    frame_bytes = channels * bits // 8
    if data_bytes > 0xFFFF_FF00:
        raise ValueError("a WAV file holds at most 4 GiB")
    form = struct.pack("<HHIIHH", 0xFFFE, channels, sample_rate, sample_rate * frame_bytes, frame_bytes, bits)
    form += struct.pack("<HHIH", 22, bits, _CHANNEL_MASKS.get(channels, 0), tag) + _SUBTYPE_TAIL
    padded = data_bytes + data_bytes % 2
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", data_bytes)
    return b"RIFF" + struct.pack("<I", len(body) + padded) + body


def _packed(samples: Samples, bits: int) -> bytes:
    if bits == 32:
        return samples.astype("<f4").tobytes()
    peak = float(np.abs(samples).max(initial=0.0))
    if not peak <= 1.0:
        raise ValueError(f"samples reach {peak:.3f} of full scale; 24-bit integers hold 1.0: write 32-bit float")
    codes = np.clip(np.rint(samples.astype(np.float64) * 8_388_608), -8_388_608, 8_388_607).astype("<i4")
    return np.ascontiguousarray(codes).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
