"""Stand-in stills: one frame of a place, drawn from a reading, where a request names images that are not at hand.

They also serve on their own, as first and last frames to hand to a model, or as a board of what was asked for.
"""

from kling_post.generation.previz.contract import Reading, RgbFrame
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.vocabulary import Size

NARROW = ("corridor", "room")
"""Places drawn as a corridor rather than as a vaulted hall."""


def render_still(reading: Reading, *, seed: int, size: Size, state: float = 0.0) -> RgbFrame:
    """One still, (size.height, size.width, 3).

    Args:
        reading: What was understood of the prompt.
        seed: The scene's; the same seed gives the same architecture in every state.
        size: In pixels.
        state: How far the place has turned: 0 is as it begins, abandoned; 1 is reclaimed. Only the station turns.
    """
    return draw_still(reading, seed=seed, size=size, state=state).picture


def draw_still(reading: Reading, *, seed: int, size: Size, state: float = 0.0) -> DrawnStill:
    """The still together with its geometry and what is to be seen in it."""
    from kling_post.generation.previz.interior.corridor import draw_corridor
    from kling_post.generation.previz.interior.glacier import draw_glacier_library
    from kling_post.generation.previz.interior.nave import draw_nave
    from kling_post.generation.previz.interior.terminal import draw_terminal

    if reading.place == "ice library":
        return draw_glacier_library(reading, seed=seed, size=size)
    if reading.place == "station":
        return draw_terminal(reading, seed=seed, size=size, state=state)
    if reading.place in NARROW:
        return draw_corridor(reading, seed=seed, size=size)
    return draw_nave(reading, seed=seed, size=size, shelves=reading.place == "library")
