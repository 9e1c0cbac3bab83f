"""Run as a program: hashes of what previz draws and sounds, at one number of threads, as JSON on standard output.

Land and materials are kept between shots of one process; so what the number of threads might change shows only between processes.
"""

import hashlib
import json
import pkgutil
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import cv2
import numpy as np

from kling_post.generation.previz import places
from kling_post.generation.previz.between import go_between
from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.foley import take_sound
from kling_post.generation.previz.geometry.view import Viewed
from kling_post.generation.previz.reading import read_prompt
from kling_post.generation.previz.still import move_over_still
from kling_post.vocabulary import Size

SIZE = Size(96, 54)
FRAMES = 24
PROMPTS = {
    "salt flats": "Pack animals and a traveler cross the salt flats, smoke, embers, dust spirals, slow dolly in",
    "quarry": "A mech, attendants, slabs, lifts and cables in a quarry, white birds, dust, the camera cranes up",
    "station": "A flooded station, vines and greenery grow over the benches, the camera glides forward",
    "ice library": "An archivist in an ice library under an aurora, snow, the camera cranes up",
    "forest": "A forest in fog, birds, a hiker, the camera pushes in",
}


OTHERWISE = "A {}, a person walks, a car, a boat, wind, rain, the camera pans right, handheld"


def _request(place: str, threads: int) -> PictureRequest:
    reading = read_prompt(PROMPTS.get(place, OTHERWISE.format(place)), None)
    rate = Fraction(24)
    return PictureRequest(reading=reading, seed=11, shot_index=0, shot_count=1, size=SIZE, frames=FRAMES, rate=rate, threads=threads)


def _hash(*arrays: np.ndarray) -> str:
    found = hashlib.sha256()
    for each in arrays:
        found.update(np.ascontiguousarray(each).tobytes())
    return found.hexdigest()[:16]


def _frames(picture: Picture, threads: int) -> str:
    wanted = (17, 3, 9, 23)
    with ThreadPoolExecutor(threads) as pool:
        drawn = dict(zip(wanted, pool.map(picture.frame, wanted), strict=True))
    depth = [view.depth for index in (3, 17) if isinstance(picture, Viewed) and (view := picture.view(index)) is not None]
    return _hash(*(drawn[index] for index in sorted(drawn)), *depth)


def fingerprints(threads: int) -> dict[str, str]:
    """A hash for every place, for moves over stills, and for the sound."""
    cv2.setNumThreads(threads)
    found = {}
    for module in pkgutil.iter_modules(places.__path__):
        place = places.place(module.name.replace("_", " "))
        found[place.name] = _frames(place.picture(_request(place.name, threads)), threads)
    noise = np.random.default_rng(4).integers(0, 255, (18, 32, 3), np.uint8)
    still = np.asarray(cv2.resize(noise, (96, 54), interpolation=cv2.INTER_CUBIC), np.uint8)
    found["still"] = _frames(move_over_still(still, _request("plain", threads)), threads)
    found["between"] = _frames(go_between(still, still[:, ::-1], _request("plain", threads)), threads)
    request = _request("quarry", threads)
    found["sound"] = _hash(take_sound([request.reading], [{"footsteps": (0.2, 0.7)}], [FRAMES], Fraction(24), 11))
    return found


if __name__ == "__main__":
    json.dump(fingerprints(int(sys.argv[1])), sys.stdout)
