"""The little of H.264 that joining streams without encoding needs: NAL units, parameter sets and the avcC record.

ITU-T H.264 annex B (byte streams), 7.3.2.1 and 7.3.2.2 (parameter sets); ISO/IEC 14496-15, 5.3.3 (avcC).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

NAL_IDR: Final = 5
_NAL_SPS: Final = 7
_NAL_PPS: Final = 8
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must know before the first picture: an MP4 file's avcC, taken apart."""

    sequence: tuple[bytes, ...]
    """SPS NAL units."""
    picture: tuple[bytes, ...]
    """PPS NAL units."""
    extension: bytes
    """What follows in avcC for the High profiles: chroma format and bit depths."""

    tag: ClassVar[str] = "avc1"
    joins_with_encoded: ClassVar[bool] = True

    def ids(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The ids of the sequence and of the picture parameter sets."""
        # An SPS starts with profile, constraints and level: its id comes after three bytes; a PPS starts with its id.
        return tuple(_first_ue(unit[4:]) for unit in self.sequence), tuple(_first_ue(unit[1:]) for unit in self.picture)

    def joined(self, other: object) -> "ParameterSets | None":
        """Both in one record, equal ones once; None where two different ones carry the same id, or the other is no H.264."""
        if not isinstance(other, ParameterSets):
            return None
        # Baseline and Main have no extension: 4:2:0 of 8 bits goes without saying there.
        if self.extension and other.extension and self.extension != other.extension:
            return None
        merged = ParameterSets(
            tuple(dict.fromkeys(self.sequence + other.sequence)),
            tuple(dict.fromkeys(self.picture + other.picture)),
            self.extension or other.extension,
        )
        return merged if all(len(set(ids)) == len(ids) for ids in merged.ids()) else None

    def to_record(self) -> bytes:
        """The avcC record; profile and level are the highest, the constraint flags those that all share."""
        compatible = 0xFF
        for unit in self.sequence:
            compatible &= unit[2]
        head = bytes([1, max(unit[1] for unit in self.sequence), compatible, max(unit[3] for unit in self.sequence), 0xFC | 3])
        return (
            head
            + bytes([0xE0 | len(self.sequence)])
            + b"".join(map(_with_length, self.sequence))
            + bytes([len(self.picture)])
            + b"".join(map(_with_length, self.picture))
            + self.extension
        )

    def starts_at(self, packet: bytes) -> bool:
        """Whether decoding can start here with nothing from before: a key frame of an open GOP is not enough."""
        return any(unit[0] & 0x1F == NAL_IDR for unit in nal_units(packet) if len(unit))

    def knows_sets_in(self, packet: bytes) -> bool:
        """Whether the packet brings no parameter sets but those of the record."""
        return _sets_in(packet) <= {*self.sequence, *self.picture}

    def without_sets(self, packet: bytes) -> bytes:
        """The packet with only pictures and messages left: under ``avc1`` the parameter sets stand in avcC alone."""
        if not _sets_in(packet):
            return packet
        kept = (unit for unit in nal_units(packet) if len(unit) and unit[0] & 0x1F not in {_NAL_SPS, _NAL_PPS})
        return b"".join(len(unit).to_bytes(_LENGTH_BYTES, "big") + bytes(unit) for unit in kept)


def parse_avcc(record: bytes) -> ParameterSets | None:
    """An avcC record taken apart; None where it is not one, or its NAL lengths are not four bytes."""
    try:
        if record[0] != 1 or record[4] & 3 != _LENGTH_BYTES - 1:
            return None
        position = 5
        found: list[list[bytes]] = []
        for mask in (0x1F, 0xFF):
            units = []
            count, position = record[position] & mask, position + 1
            for _ in range(count):
                (length,) = struct.unpack_from(">H", record, position)
                units.append(bytes(record[position + 2 : position + 2 + length]))
                position += 2 + length
            found.append(units)
    except (IndexError, struct.error):
        return None
    if not all(found) or position > len(record) or any(len(unit) < 5 for unit in found[0]):
        return None
    return ParameterSets(tuple(found[0]), tuple(found[1]), bytes(record[position:]))


def nal_units(packet: bytes) -> Iterator[memoryview]:
    """The NAL units of an MP4 packet, without their four length bytes."""
    view, position = memoryview(packet), 0
    while position + _LENGTH_BYTES < len(view):
        length = int.from_bytes(view[position : position + _LENGTH_BYTES], "big")
        yield view[position + _LENGTH_BYTES : position + _LENGTH_BYTES + length]
        position += _LENGTH_BYTES + length


def _sets_in(packet: bytes) -> frozenset[bytes]:
    """The parameter sets that stand inside a packet, beside or instead of those in avcC."""
    return frozenset(bytes(unit) for unit in nal_units(packet) if len(unit) and unit[0] & 0x1F in {_NAL_SPS, _NAL_PPS})


def _with_length(unit: bytes) -> bytes:
    return struct.pack(">H", len(unit)) + unit


def _first_ue(payload: bytes) -> int:
    """The Exp-Golomb number (9.1) that a payload starts with, emulation prevention bytes (7.4.1) taken out."""
    bits = "".join(f"{byte:08b}" for byte in payload[:16].replace(b"\0\0\3", b"\0\0"))
    zeros = len(bits) - len(bits.lstrip("0"))
    return int(bits[zeros : 2 * zeros + 1] or "1", 2) - 1
