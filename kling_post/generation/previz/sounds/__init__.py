"""The sounds that the foley can make: one function each, ``(Scene) -> (samples, 2)``, found through ``MAKERS`` by sound key."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kling_post.generation.previz.sounds.material import Scene, Stereo


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """How a sound is made and where it sits in the mix."""

    make: Callable[[Scene], Stereo]
    measure: Literal["rms", "peak"]
    """Beds are set by their power, single events by their peak."""
    level_db: float
    """dBFS before the whole mix is brought to its loudness."""
    room: float
    """How much of it excites the room, 0 to 1."""


@cache
def makers() -> dict[str, Maker]:
    """Every sound by its key in ``words/sounds.json``."""
    from kling_post.generation.previz.sounds import air, life, machines, steps, water

    return {
        "wind": Maker(make=air.wind, measure="rms", level_db=-29, room=0.0),
        "fabric": Maker(make=air.fabric, measure="rms", level_db=-41, room=0.2),
        "pages": Maker(make=air.pages, measure="peak", level_db=-22, room=0.4),
        "room tone": Maker(make=air.room_tone, measure="rms", level_db=-46, room=0.0),
        "fire": Maker(make=air.fire, measure="rms", level_db=-38, room=0.1),
        "thunder": Maker(make=air.thunder, measure="peak", level_db=-12, room=0.2),
        "rain": Maker(make=water.rain, measure="rms", level_db=-30, room=0.1),
        "water": Maker(make=water.lapping, measure="rms", level_db=-31, room=0.6),
        "waves": Maker(make=water.waves, measure="rms", level_db=-28, room=0.0),
        "ice creaks": Maker(make=water.ice_creaks, measure="peak", level_db=-15, room=0.8),
        "footsteps": Maker(make=steps.footsteps, measure="peak", level_db=-21, room=0.35),
        "heavy footsteps": Maker(make=steps.heavy_footsteps, measure="peak", level_db=-7, room=0.45),
        "stone crunch": Maker(make=steps.stone_crunch, measure="peak", level_db=-20, room=0.25),
        "creaks": Maker(make=machines.creaks, measure="peak", level_db=-19, room=0.3),
        "hum": Maker(make=machines.hum, measure="rms", level_db=-31, room=0.1),
        "engine": Maker(make=machines.engine, measure="rms", level_db=-32, room=0.1),
        "birds": Maker(make=life.birds, measure="peak", level_db=-20, room=0.4),
        "insects": Maker(make=life.insects, measure="rms", level_db=-42, room=0.0),
        "violin": Maker(make=life.violin, measure="rms", level_db=-39, room=0.9),
        "bells": Maker(make=life.bells, measure="peak", level_db=-20, room=0.6),
        "crowd": Maker(make=life.crowd, measure="rms", level_db=-36, room=0.4),
    }
