"""The light of an interior by the time of day: what comes through the windows, and whether lamps burn."""

from dataclasses import dataclass, replace

from kling_post.generation.previz.contract import Reading

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Daylight:
    """Linear light, BT.709."""

    sun: Rgb
    sky: Rgb
    tint: Rgb
    """Of rays in the air."""
    lamps: float
    """Warm light from lamps, 0 where none burns."""
    shafts: float
    """How strong shafts of sun are, 0 to 1."""
    window: float
    """How bright the end window is."""
    aisle: float
    vault: float
    exposure: float
    stained: float
    """How much of the end window is coloured glass, 0 to 1."""


_NIGHT = Daylight(
    sun=(0.05, 0.07, 0.12),
    sky=(0.14, 0.18, 0.28),
    tint=(0.7, 0.8, 1.0),
    lamps=0.75,
    shafts=0.0,
    window=0.22,
    aisle=0.9,
    vault=0.3,
    exposure=1.35,
    stained=0.0,
)
_WARM = Daylight(
    sun=(1.25, 0.85, 0.48),
    sky=(0.62, 0.6, 0.62),
    tint=(1.0, 0.82, 0.55),
    lamps=0.1,
    shafts=1.0,
    window=1.0,
    aisle=1.0,
    vault=0.62,
    exposure=1.25,
    stained=0.0,
)
_DAY = Daylight(
    sun=(0.85, 0.8, 0.7),
    sky=(0.72, 0.78, 0.86),
    tint=(1.0, 0.96, 0.88),
    lamps=0.0,
    shafts=0.55,
    window=0.95,
    aisle=1.0,
    vault=0.62,
    exposure=1.25,
    stained=0.0,
)
_BY_TIME = {"night": _NIGHT, "polar night": _NIGHT, "dusk": _NIGHT, "dawn": _WARM, "golden hour": _WARM}


def daylight_of(reading: Reading) -> Daylight:
    """The light for a reading; a cathedral has coloured glass."""
    light = _BY_TIME.get(reading.time_of_day, _DAY)
    return replace(light, stained=0.75) if reading.place == "cathedral" else light
