"""Sky, sun and ambient light for each time of day, changed by the weather."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.picture.noise import generator
from kling_post.generation.previz.picture.sculpt import Studio
from kling_post.generation.previz.picture.shadows import ShadowSun
from kling_post.generation.previz.picture.sky import SkyLook

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Daylight:
    """One light for a whole scene."""

    sky: SkyLook
    ground: Colour
    """Light falling on level ground; 1 makes a mid-grey surface bright."""
    sun: Colour
    """Light of the sun on a surface that faces it."""
    ambient: Colour
    haze_metres: float
    shadow: ShadowSun | None
    dark: bool = False

    def studio(self, *, haze_share: float) -> Studio:
        """The same light for figures."""
        side = float(np.sign(self.sky.sun_across) or 1.0)
        return Studio(
            sun=(self.sun[0] * 1.2, self.sun[1] * 1.2, self.sun[2] * 1.2),
            sun_direction=(0.68 * side, 0.42, -0.35),
            sky=(self.ambient[0] * 1.05, self.ambient[1] * 1.05, self.ambient[2] * 1.05),
            bounce=(self.ground[0] * 0.42, self.ground[1] * 0.4, self.ground[2] * 0.38),
            haze=self.sky.horizon,
            haze_share=haze_share,
            rim=1.2,
        )

    @property
    def sun_direction(self) -> Colour:
        """Toward the sun, for the land: right, up, ahead."""
        direction = np.array([self.sky.sun_across * 1.6, max(self.sky.sun_up, 0.16), 0.75 if self.sky.sun_up < 0.6 else 0.2])
        direction /= np.linalg.norm(direction)
        return float(direction[0]), float(direction[1]), float(direction[2])


def _day(
    horizon: Colour,
    middle: Colour,
    zenith: Colour,
    *,
    glow: Colour,
    up: float,
    ground: Colour,
    sun: Colour,
    ambient: Colour,
    haze: float,
    disc: float = 1.0,
) -> Daylight:
    sky = SkyLook(
        horizon=horizon,
        middle=middle,
        zenith=zenith,
        sun=glow,
        sun_up=up,
        disc=disc,
        clouds=0.55,
        cloud_light=(min(1.2, horizon[0] * 1.25 + 0.08), min(1.2, horizon[1] * 1.3 + 0.08), min(1.2, horizon[2] * 1.35 + 0.09)),
        cloud_shade=(middle[0] * 0.75, middle[1] * 0.72, middle[2] * 0.72),
    )
    reach = float(np.clip(0.35 / max(up, 0.05), 0.35, 2.6))
    return Daylight(
        sky=sky,
        ground=ground,
        sun=sun,
        ambient=ambient,
        haze_metres=haze,
        shadow=ShadowSun(across=0.5 * reach, toward=reach, depth=0.55),
    )


_TIMES: Mapping[str, Daylight] = {
    "dawn": _day(
        (0.52, 0.32, 0.22),
        (0.22, 0.22, 0.30),
        (0.05, 0.085, 0.17),
        glow=(1.0, 0.55, 0.24),
        up=0.06,
        ground=(0.80, 0.62, 0.52),
        sun=(3.6, 2.0, 1.0),
        ambient=(0.30, 0.32, 0.44),
        haze=700,
    ),
    "morning": _day(
        (0.55, 0.55, 0.56),
        (0.27, 0.37, 0.52),
        (0.085, 0.18, 0.36),
        glow=(0.8, 0.66, 0.46),
        up=0.30,
        ground=(1.0, 0.92, 0.82),
        sun=(2.6, 2.2, 1.7),
        ambient=(0.40, 0.46, 0.56),
        haze=1300,
    ),
    "noon": _day(
        (0.60, 0.66, 0.74),
        (0.24, 0.39, 0.62),
        (0.07, 0.17, 0.38),
        glow=(0.5, 0.48, 0.42),
        up=1.2,
        ground=(1.2, 1.15, 1.07),
        sun=(2.6, 2.5, 2.3),
        ambient=(0.50, 0.56, 0.66),
        haze=2000,
    ),
    "golden hour": _day(
        (0.60, 0.38, 0.18),
        (0.32, 0.28, 0.26),
        (0.09, 0.14, 0.24),
        glow=(1.0, 0.60, 0.22),
        up=0.13,
        ground=(0.95, 0.66, 0.40),
        sun=(3.6, 2.1, 0.95),
        ambient=(0.36, 0.32, 0.32),
        haze=900,
    ),
    "dusk": _day(
        (0.34, 0.17, 0.14),
        (0.13, 0.10, 0.17),
        (0.028, 0.036, 0.085),
        glow=(0.75, 0.30, 0.13),
        up=0.015,
        ground=(0.42, 0.32, 0.38),
        sun=(1.3, 0.6, 0.4),
        ambient=(0.16, 0.15, 0.23),
        haze=800,
    ),
    "night": replace(
        _day(
            (0.030, 0.045, 0.080),
            (0.012, 0.020, 0.045),
            (0.004, 0.007, 0.018),
            glow=(0.05, 0.07, 0.11),
            up=0.46,
            ground=(0.075, 0.105, 0.17),
            sun=(0.30, 0.38, 0.52),
            ambient=(0.045, 0.06, 0.10),
            haze=1200,
        ),
        dark=True,
    ),
    "polar night": replace(
        _day(
            (0.035, 0.075, 0.085),
            (0.012, 0.035, 0.05),
            (0.004, 0.010, 0.022),
            glow=(0.03, 0.06, 0.07),
            up=0.3,
            ground=(0.075, 0.13, 0.16),
            sun=(0.16, 0.26, 0.28),
            ambient=(0.05, 0.085, 0.11),
            haze=1500,
            disc=0.0,
        ),
        dark=True,
    ),
}


def _grey(colour: Colour, share: float, level: float) -> Colour:
    mean = sum(colour) / 3 * level
    return (
        colour[0] * level + (mean - colour[0] * level) * share,
        colour[1] * level + (mean - colour[1] * level) * share,
        colour[2] * level + (mean - colour[2] * level) * share,
    )


def _overcast(light: Daylight, *, share: float, level: float) -> Daylight:
    """The same hour under cloud: greyer, flatter, without a disc or shadows."""
    sky = replace(
        light.sky,
        horizon=_grey(light.sky.horizon, share, level),
        middle=_grey(light.sky.middle, share, level * 1.15),
        zenith=_grey(light.sky.zenith, share, level * 1.6),
        glow=0.25,
        disc=0.0,
        clouds=0.95,
        cloud_light=_grey(light.sky.cloud_light, share, level * 0.8),
        cloud_shade=_grey(light.sky.cloud_shade, share, level * 0.8),
    )
    return replace(
        light,
        sky=sky,
        ground=_grey(light.ground, share * 0.8, level * 0.8),
        sun=_grey(light.sun, share, 0.25),
        ambient=_grey(light.ambient, share * 0.8, 1.15 * level),
        shadow=None,
    )


def daylight(reading: Reading, seed: int) -> Daylight:
    """The light that a reading asks for; the seed chooses the side of the sun."""
    light = _TIMES.get(reading.time_of_day, _TIMES["morning"])
    rng = generator(seed, "sun")
    across = float(rng.uniform(0.3, 0.46)) * (-1 if rng.random() < 0.6 else 1)
    shadow = light.shadow
    if shadow is not None:
        shadow = replace(shadow, across=-shadow.across * float(np.sign(across)))
    light = replace(light, sky=replace(light.sky, sun_across=across), shadow=shadow)
    weather = set(reading.weather)
    if weather & {"storm"}:
        light = _overcast(light, share=0.7, level=0.42)
    elif weather & {"rain", "snow", "cloudy"}:
        light = _overcast(light, share=0.6, level=0.72)
    if "clear" in weather:
        light = replace(light, sky=replace(light.sky, clouds=0.12))
    thicker = 0.12 if weather & {"fog", "dust storm"} else 0.3 if weather & {"snow", "rain"} else 0.45 if "haze" in weather else 1.0
    return replace(light, haze_metres=light.haze_metres * thicker)
