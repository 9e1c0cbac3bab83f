"""A city street at any hour, dry or wet; a road through open country where the words say so."""

import numpy as np

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.outdoors.moving import moving_picture
from kling_post.generation.previz.outdoors.open_road import beside, draw_open_road, road_for, runs_through
from kling_post.generation.previz.outdoors.street import EYES, draw_street
from kling_post.generation.previz.outdoors.traffic import traffic
from kling_post.generation.previz.outdoors.walkers import walkers_for
from kling_post.generation.previz.picture.daylight import daylight

_PLACES = ((1.1, 6.2), (-7.0, 12.0), (6.6, 15.0), (-6.4, 19.0), (7.2, 24.0), (-7.3, 31.0), (6.9, 38.0))
"""Where people walk, the first on the road ahead, the others on the pavements: metres to the right and ahead."""

_VERGES = ((0.6, 6.5), (2.6, 10.0), (-2.7, 13.0), (2.9, 18.0), (-2.8, 24.0))


class _Street:
    name = "street"

    def picture(self, request: PictureRequest) -> Picture:
        """One still with exact depth, the camera over it, cars on the road and weather before it."""
        reading = request.reading
        if runs_through(reading) is not None:
            return _open_road(request)
        still = draw_street(reading, seed=request.seed, size=request.size)
        light = daylight(reading, request.seed)
        glow = np.array((0.5, 0.36, 0.26) if light.dark else light.ground, np.float32) * np.float32(0.9)
        wet = bool({"rain", "storm"} & set(reading.weather))
        eye = EYES.get(reading.framing, EYES["medium"])[0]
        walkers = walkers_for(request, eye=eye, light=glow, places=_PLACES, mirror=0.45 if wet else 0.12 if light.dark else 0.0)
        cars = traffic(request, eye=eye)
        air = cars if walkers is None else (*cars, walkers)
        return moving_picture(still, request, air=air, events={} if walkers is None else {"footsteps": walkers.steps})


def _open_road(request: PictureRequest) -> Picture:
    reading = request.reading
    road = road_for(reading, seed=request.seed, size=request.size)
    still = draw_open_road(road, seed=request.seed)
    eye = road.lens.eye[1]
    cars = traffic(request, eye=eye, lanes=(-1.9, 1.9), usual=2, pace=20.0)
    walkers = walkers_for(request, eye=eye, light=road.light * np.float32(1.2), places=_VERGES)
    air = (beside(road, seed=request.seed), *cars)
    if walkers is None:
        return moving_picture(still, request, air=air, bears=2.0)
    return moving_picture(still, request, air=(*air, walkers), events={"footsteps": walkers.steps}, bears=2.0)


PLACE = _Street()
