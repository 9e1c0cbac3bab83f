from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.h264 import ParameterSets, nal_units, parse_avcc
from kling_post.vocabulary import Size


def extradata(path: Path, set_id: int = 0, preset: str = "veryfast") -> bytes:
    quality = EncodeSettings(preset=preset, crf=20, parameter_set_id=set_id)
    with FrameWriter(path, size=Size(64, 36), rate=Fraction(24), quality=quality) as writer:
        writer.write(np.zeros((36, 64, 3), np.uint8))
    with av.open(str(path)) as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")


def packet(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def test_a_record_taken_apart_and_put_together_is_the_same_record(tmp_path: Path) -> None:
    record = extradata(tmp_path / "a.mp4")
    sets = parse_avcc(record)
    assert sets is not None
    assert (len(sets.sequence), len(sets.picture)) == (1, 1)
    assert sets.to_record() == record
    assert sets.ids() == ((0,), (0,))


@pytest.mark.parametrize("set_id", [1, 2, 7, 15])
def test_the_encoder_gives_the_parameter_sets_the_id_asked_for(tmp_path: Path, set_id: int) -> None:
    sets = parse_avcc(extradata(tmp_path / "a.mp4", set_id))
    assert sets is not None
    assert sets.ids() == ((set_id,), (set_id,))


def test_records_join_where_their_ids_differ_or_their_bytes_agree(tmp_path: Path) -> None:
    same, again, other, apart = (
        parse_avcc(extradata(tmp_path / f"{name}.mp4", number, preset))
        for name, number, preset in (("a", 0, "veryfast"), ("b", 0, "veryfast"), ("c", 0, "ultrafast"), ("d", 1, "ultrafast"))
    )
    assert same
    assert again
    assert other
    assert apart
    assert same.joined(again) == same
    assert same.joined(other) is None
    joined = same.joined(apart)
    assert joined is not None
    assert joined.ids() == ((0, 1), (0, 1))
    assert parse_avcc(joined.to_record()) == joined


@given(st.binary(max_size=80))
def test_anything_may_be_handed_in_as_a_record(record: bytes) -> None:
    sets = parse_avcc(record)
    assert sets is None or isinstance(sets.ids(), tuple)


SPS, PPS, IDR = b"\x67\x64\x00\x0a\xac", b"\x68\xeb\xe3\xcb", b"\x65\x88\x84"
SETS = ParameterSets((SPS,), (PPS,), b"")


@given(st.binary(max_size=200))
def test_anything_may_be_handed_in_as_a_packet(data: bytes) -> None:
    assert sum(len(unit) for unit in nal_units(data)) <= len(data)
    assert SETS.starts_at(data) in {True, False}
    assert len(SETS.without_sets(data)) <= len(data)


def test_only_a_unit_of_type_five_is_a_place_to_start() -> None:
    assert SETS.starts_at(packet(b"\x06\x05\x01\x80", b"\x65\x88"))
    assert not SETS.starts_at(packet(b"\x06\x05\x01\x80", b"\x41\x9a"))


def test_parameter_sets_inside_a_packet_are_known_or_not_and_taken_out() -> None:
    assert SETS.knows_sets_in(packet(SPS, PPS, IDR))
    assert not SETS.knows_sets_in(packet(SPS + b"\x01", PPS, IDR))
    assert SETS.without_sets(packet(SPS, PPS, IDR)) == packet(IDR)
    assert SETS.without_sets(packet(IDR)) == packet(IDR)


@given(st.integers(0, 31))
def test_ids_are_read_through_emulation_prevention(number: int) -> None:
    code = f"{number + 1:b}"
    bits = "0" * (len(code) - 1) + code + "1"
    payload = int(bits.ljust(24, "0"), 2).to_bytes(3, "big")
    sets = ParameterSets((b"\x67\x64\x00\x33" + payload,), (b"\x68" + payload,), b"")
    assert sets.ids() == ((number,), (number,))
