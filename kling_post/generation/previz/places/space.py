"""Outer space; the ground of another world is drawn as a desert."""

from dataclasses import replace

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.outdoors.adrift import drifting
from kling_post.generation.previz.outdoors.moving import moving_picture
from kling_post.generation.previz.outdoors.outer_space import draw_space
from kling_post.generation.previz.places.plain import OpenCountry

_ON_THE_GROUND = ("surface", "lunar base", "moon base", "rover", "crater", "dunes", "launch pad", "launchpad", "alien planet")


class _Space:
    name = "space"

    def picture(self, request: PictureRequest) -> Picture:
        """Stars and planets under a moving camera, with what drifts before them."""
        reading = request.reading
        if any(word in reading.prompt.lower() for word in _ON_THE_GROUND):
            return OpenCountry("desert").picture(replace(request, reading=replace(reading, place="desert")))
        still = draw_space(reading, seed=request.seed, size=request.size)
        return moving_picture(still, request, air=drifting(request), bears=0.25)


PLACE = _Space()
