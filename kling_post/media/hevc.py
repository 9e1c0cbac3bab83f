"""The little of HEVC that joining whole takes without encoding needs.

ITU-T H.265 7.3.1.2 (NAL unit header), table 7-1 (types); ISO/IEC 14496-15, 8.3.3 (hvcC). Nothing is rewritten: takes are joined
only where their records are the same byte for byte, and never with anything that was encoded here.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from kling_post.media.h264 import nal_units

_IDR: Final = frozenset({19, 20})
_PARAMETER_SETS: Final = frozenset({32, 33, 34})


@dataclass(frozen=True, slots=True)
class HevcRecord:
    """An MP4 file's hvcC, as it stands."""

    record: bytes
    tag: ClassVar[str] = "hvc1"
    joins_with_encoded: ClassVar[bool] = False

    def joined(self, other: object) -> "HevcRecord | None":
        """The one record of both; None where they differ."""
        return self if self == other else None

    def ids(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """None that anything else could stand beside."""
        return (), ()

    def to_record(self) -> bytes:
        """The record for a file's header."""
        return self.record

    def starts_at(self, packet: bytes) -> bool:
        """Whether decoding can start here with nothing from before: an IDR picture; a CRA picture is not enough."""
        return any(_kind(unit) in _IDR for unit in nal_units(packet))

    def knows_sets_in(self, packet: bytes) -> bool:
        """Whether the packet brings no parameter sets but those of the record."""
        return all(bytes(unit) in self.record for unit in nal_units(packet) if _kind(unit) in _PARAMETER_SETS)

    def without_sets(self, packet: bytes) -> bytes:
        """The packet with only pictures and messages left: under ``hvc1`` the parameter sets stand in hvcC alone."""
        kept = [unit for unit in nal_units(packet) if _kind(unit) not in _PARAMETER_SETS]
        return b"".join(len(unit).to_bytes(4, "big") + bytes(unit) for unit in kept)


def parse_hvcc(record: bytes) -> HevcRecord | None:
    """The record, or None where it is not one or its NAL lengths are not four bytes."""
    if len(record) < 23 or record[0] != 1 or record[21] & 3 != 3:
        return None
    return HevcRecord(record)


def _kind(unit: memoryview) -> int:
    return unit[0] >> 1 & 0x3F if len(unit) else -1
