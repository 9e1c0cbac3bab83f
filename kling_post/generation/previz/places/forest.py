"""Inside a wood; from the air, woods are drawn as open country."""

import numpy as np

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.outdoors.moving import moving_picture
from kling_post.generation.previz.outdoors.walkers import walkers_for
from kling_post.generation.previz.outdoors.woods import draw_woods, near_trunks, wood_for
from kling_post.generation.previz.places.plain import OpenCountry

_PLACES = ((0.35, 6.5), (-0.6, 9.0), (0.9, 11.5), (-0.2, 15.0), (0.7, 19.0))
"""Where people walk: along the path, metres to the right and ahead."""


class _Forest:
    name = "forest"

    def picture(self, request: PictureRequest) -> Picture:
        """One still of floor, roof and far trunks, and the near trunks before it, each in its own plane."""
        reading = request.reading
        if reading.framing == "aerial":
            return OpenCountry("forest").picture(request)
        wood = wood_for(reading, seed=request.seed, size=request.size)
        still = draw_woods(reading, wood, seed=request.seed)
        walkers = walkers_for(request, eye=wood.lens.eye[1], light=wood.light * np.float32(1.6), places=_PLACES)
        trunks = near_trunks(wood, seed=request.seed)
        if walkers is None:
            return moving_picture(still, request, air=(trunks,))
        # Whoever walks the path has trunks to both sides, none before.
        return moving_picture(still, request, air=(trunks, walkers), events={"footsteps": walkers.steps})


PLACE = _Forest()
