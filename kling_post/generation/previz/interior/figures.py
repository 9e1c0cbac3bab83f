"""People of the interiors: the archivist in the fur coat, seen from behind, and the violinist."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.modelling import Part, limb, modelled
from kling_post.generation.previz.interior.noise import Key

FIGURE_BOX = (0.8, -0.05, 2.05)
"""Half the width, lowest and highest y of a figure's texture, metres."""


def archivist(key: Key, density: float, coat: NDArray[np.float32]) -> Texture:
    """A person in a long fur-lined coat, from behind, books under one arm; ``coat`` is its linear colour."""
    fur, dark, hair = linear(128, 110, 96), linear(40, 30, 30), linear(66, 46, 38)
    parts = (
        Part(outline=((0.04, 0.0), (0.17, 0.0), (0.19, 0.08), (0.16, 0.3), (0.05, 0.3)), colour=dark, mirrored=True, thick=0.07),
        Part(
            outline=(
                (-0.24, 1.46),
                (-0.12, 1.54),
                (0.12, 1.54),
                (0.24, 1.46),
                (0.25, 1.1),
                (0.25, 0.95),
                (0.36, 0.5),
                (0.47, 0.14),
                (0.2, 0.1),
                (-0.2, 0.1),
                (-0.47, 0.14),
                (-0.36, 0.5),
                (-0.25, 0.95),
                (-0.25, 1.1),
            ),
            colour=coat,
            thick=0.26,
            folds=1.0,
        ),
        Part(
            outline=((0.2, 1.47), (0.29, 1.42), (0.36, 1.2), (0.41, 0.95), (0.4, 0.84), (0.31, 0.84), (0.28, 0.98), (0.24, 1.15)),
            colour=coat * np.float32(1.06),
            thick=0.08,
            folds=0.4,
            mirrored=True,
        ),
        Part(outline=((0.29, 0.9), (0.43, 0.9), (0.43, 0.8), (0.29, 0.8)), colour=fur, thick=0.05, fuzz=0.018, mirrored=True),
        Part(
            outline=((-0.46, 0.2), (-0.2, 0.15), (0.2, 0.15), (0.46, 0.2), (0.5, 0.1), (0.22, 0.07), (-0.22, 0.07), (-0.49, 0.12)),
            colour=fur * np.float32(0.8),
            thick=0.05,
            fuzz=0.018,
        ),
        Part(outline=((-0.235, 1.06), (0.235, 1.06), (0.24, 1.0), (-0.24, 1.0)), colour=linear(92, 60, 36), thick=0.03),
        Part(
            outline=((-0.03, 0.99), (0.03, 0.99), (0.06, 0.6), (0.08, 0.16), (-0.08, 0.16), (-0.06, 0.6)),
            colour=coat * np.float32(0.5),
            thick=0.05,
            folds=0.6,
        ),
        Part(
            outline=((-0.11, 1.62), (-0.12, 1.76), (-0.05, 1.84), (0.05, 1.84), (0.12, 1.76), (0.11, 1.62), (0.0, 1.56)),
            colour=hair,
            thick=0.1,
            fuzz=0.006,
        ),
        Part(
            outline=((-0.31, 1.44), (-0.24, 1.56), (-0.1, 1.63), (0.1, 1.63), (0.24, 1.56), (0.31, 1.44), (0.15, 1.38), (-0.15, 1.38)),
            colour=fur,
            thick=0.1,
            fuzz=0.03,
        ),
        Part(outline=((-0.47, 1.04), (-0.33, 1.06), (-0.31, 0.86), (-0.46, 0.84)), colour=linear(120, 84, 48), thick=0.02),
        Part(outline=((-0.5, 0.99), (-0.36, 1.01), (-0.34, 0.8), (-0.48, 0.78)), colour=linear(58, 74, 84), thick=0.02),
    )
    return modelled(parts, key, density, FIGURE_BOX, sun=-0.8, rim=1.1)


def violinist(key: Key, density: float) -> Texture:
    """A person who plays the violin, turned to the camera a little to the right; the instrument is varnished wood."""
    coat, trousers, skin = linear(52, 54, 66), linear(36, 36, 42), linear(206, 156, 128)
    wood, string = linear(172, 84, 36), linear(226, 216, 196)
    parts = (
        Part(
            outline=((0.02, 0.1), (0.16, 0.1), (0.17, 0.6), (0.16, 0.95), (0.0, 0.95), (0.01, 0.5)), colour=trousers, thick=0.08, folds=0.5
        ),
        Part(
            outline=((-0.02, 0.1), (-0.15, 0.1), (-0.17, 0.6), (-0.16, 0.95), (0.0, 0.95), (-0.01, 0.5)),
            colour=trousers * np.float32(1.15),
            thick=0.08,
            folds=0.5,
        ),
        Part(outline=((0.02, 0.0), (0.22, 0.0), (0.2, 0.07), (0.14, 0.13), (0.02, 0.13)), colour=linear(28, 24, 22), thick=0.05),
        Part(outline=((-0.02, 0.0), (-0.24, 0.0), (-0.22, 0.07), (-0.14, 0.13), (-0.02, 0.13)), colour=linear(28, 24, 22), thick=0.05),
        Part(
            outline=(
                (-0.23, 1.45),
                (-0.1, 1.53),
                (0.1, 1.53),
                (0.23, 1.45),
                (0.21, 1.15),
                (0.19, 0.98),
                (0.27, 0.62),
                (0.24, 0.52),
                (0.05, 0.6),
                (0.0, 0.8),
                (-0.05, 0.6),
                (-0.26, 0.52),
                (-0.27, 0.62),
                (-0.2, 0.98),
                (-0.21, 1.15),
            ),
            colour=coat,
            thick=0.18,
            folds=0.7,
        ),
        Part(outline=((-0.05, 1.52), (0.05, 1.52), (0.03, 1.3), (0.0, 1.16), (-0.03, 1.3)), colour=linear(214, 210, 202), thick=0.06),
        Part(outline=((-0.045, 1.6), (0.06, 1.6), (0.06, 1.48), (-0.045, 1.48)), colour=skin * np.float32(0.8), thick=0.05),
        Part(
            outline=((-0.07, 1.62), (-0.08, 1.72), (-0.04, 1.82), (0.06, 1.82), (0.11, 1.73), (0.09, 1.62), (0.04, 1.56), (-0.03, 1.57)),
            colour=skin,
            thick=0.09,
        ),
        Part(
            outline=(
                (-0.1, 1.68),
                (-0.11, 1.8),
                (-0.04, 1.88),
                (0.07, 1.87),
                (0.12, 1.78),
                (0.1, 1.74),
                (0.04, 1.79),
                (-0.05, 1.78),
                (-0.08, 1.7),
            ),
            colour=linear(44, 32, 28),
            thick=0.06,
            fuzz=0.008,
        ),
        Part(
            outline=((0.16, 1.46), (0.26, 1.42), (0.36, 1.24), (0.42, 1.3), (0.44, 1.4), (0.38, 1.4), (0.32, 1.18), (0.2, 1.2)),
            colour=coat * np.float32(1.1),
            thick=0.07,
            folds=0.4,
        ),
        Part(
            outline=(
                (0.06, 1.5),
                (0.1, 1.57),
                (0.2, 1.56),
                (0.22, 1.52),
                (0.3, 1.53),
                (0.33, 1.47),
                (0.26, 1.42),
                (0.2, 1.45),
                (0.12, 1.42),
            ),
            colour=wood,
            thick=0.03,
        ),
        Part(
            outline=((0.29, 1.5), (0.31, 1.53), (0.52, 1.56), (0.56, 1.58), (0.57, 1.54), (0.52, 1.525)),
            colour=wood * np.float32(0.4),
            thick=0.015,
        ),
        Part(outline=((0.4, 1.5), (0.46, 1.56), (0.5, 1.53), (0.46, 1.42), (0.4, 1.4)), colour=skin, thick=0.04),
        Part(
            outline=((-0.18, 1.47), (-0.27, 1.42), (-0.38, 1.24), (-0.36, 1.14), (-0.26, 1.2), (-0.08, 1.3), (-0.06, 1.36), (-0.2, 1.32)),
            colour=coat * np.float32(1.2),
            thick=0.07,
            folds=0.4,
        ),
        Part(outline=((-0.1, 1.38), (-0.03, 1.41), (0.0, 1.36), (-0.06, 1.29), (-0.11, 1.31)), colour=skin, thick=0.035),
        Part(outline=((-0.1, 1.32), (-0.09, 1.345), (0.37, 1.665), (0.38, 1.65)), colour=string, thick=0.008),
    )
    return modelled(parts, key, density, FIGURE_BOX, sun=-0.7, rim=1.6)


def visitor(key: Key, density: float, coat: NDArray[np.float32]) -> Texture:
    """A person in a plain long coat, standing, from behind; ``coat`` is its linear colour."""
    dark, hair = linear(34, 32, 34), linear(62, 46, 38)
    parts = (
        Part(outline=limb((0.09, 0.9), (0.1, 0.06), 0.1, 0.065), colour=dark, thick=0.07, folds=0.4, mirrored=True),
        Part(
            outline=((0.03, 0.0), (0.17, 0.0), (0.17, 0.07), (0.13, 0.12), (0.05, 0.12)),
            colour=dark * np.float32(0.6),
            thick=0.04,
            mirrored=True,
        ),
        Part(
            outline=(
                (-0.22, 1.46),
                (-0.1, 1.53),
                (0.1, 1.53),
                (0.22, 1.46),
                (0.23, 1.1),
                (0.21, 0.98),
                (0.27, 0.6),
                (0.26, 0.5),
                (-0.26, 0.5),
                (-0.27, 0.6),
                (-0.21, 0.98),
                (-0.23, 1.1),
            ),
            colour=coat,
            thick=0.2,
            folds=0.8,
        ),
        Part(outline=limb((0.22, 1.42), (0.31, 1.12), 0.075, 0.06), colour=coat, thick=0.07, folds=0.4, mirrored=True),
        Part(outline=limb((0.31, 1.14), (0.29, 0.86), 0.06, 0.05), colour=coat * np.float32(1.05), thick=0.06, folds=0.4, mirrored=True),
        Part(outline=limb((0.29, 0.86), (0.28, 0.77), 0.035, 0.028), colour=linear(196, 150, 124), thick=0.03, mirrored=True),
        Part(outline=((-0.1, 1.5), (0.1, 1.5), (0.12, 1.58), (-0.12, 1.58)), colour=coat * np.float32(0.8), thick=0.05),
        Part(outline=limb((0.0, 1.5), (0.0, 1.62), 0.055, 0.055), colour=linear(190, 146, 120), thick=0.05),
        Part(
            outline=((-0.09, 1.58), (-0.105, 1.7), (-0.07, 1.79), (0.0, 1.82), (0.07, 1.79), (0.105, 1.7), (0.09, 1.58), (0.0, 1.55)),
            colour=hair,
            thick=0.09,
            fuzz=0.004,
        ),
    )
    return modelled(parts, key, density, FIGURE_BOX, sun=-0.7, rim=0.5)
