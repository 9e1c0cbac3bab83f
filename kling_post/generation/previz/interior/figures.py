"""People of the interiors: the archivist in the fur coat, seen from behind, and the violinist."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.modelling import Outline, Part, limb, modelled
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


def _violin(centre: tuple[float, float], degrees: float, long: float) -> Outline:
    """The waisted outline of a violin's body."""
    turn = np.radians(degrees)
    half = ((0.0, 0.0), (0.02, 0.2), (0.16, 0.27), (0.36, 0.24), (0.5, 0.15), (0.6, 0.16), (0.78, 0.21), (0.94, 0.17), (1.0, 0.0))
    points = [(along - 0.5, wide) for along, wide in half] + [(along - 0.5, -wide) for along, wide in reversed(half[1:-1])]
    cosine, sine = float(np.cos(turn)), float(np.sin(turn))
    return tuple((centre[0] + long * (x * cosine - y * sine), centre[1] + long * (x * sine + y * cosine)) for x, y in points)


def violinist(key: Key, density: float) -> Texture:
    """A person in a tailcoat who plays the violin, facing the camera, with the light of the hall behind."""
    coat, trousers, skin = linear(58, 58, 70), linear(40, 40, 46), linear(200, 152, 126)
    wood, shirt, hair = linear(168, 78, 34), linear(222, 218, 208), linear(54, 40, 34)
    parts = (
        Part(
            outline=((-0.2, 1.0), (0.2, 1.0), (0.27, 0.5), (0.1, 0.56), (-0.1, 0.56), (-0.27, 0.5)),
            colour=coat * np.float32(0.45),
            thick=0.1,
        ),
        Part(outline=limb((0.085, 0.96), (0.12, 0.05), 0.1, 0.06), colour=trousers, thick=0.08, folds=0.6),
        Part(outline=limb((-0.085, 0.96), (-0.13, 0.05), 0.1, 0.06), colour=trousers * np.float32(1.2), thick=0.08, folds=0.6),
        Part(outline=((0.06, 0.0), (0.24, 0.0), (0.25, 0.03), (0.17, 0.09), (0.07, 0.1)), colour=linear(30, 26, 24), thick=0.04),
        Part(outline=((-0.07, 0.0), (-0.26, 0.0), (-0.27, 0.03), (-0.18, 0.09), (-0.08, 0.1)), colour=linear(30, 26, 24), thick=0.04),
        Part(
            outline=((-0.13, 1.5), (0.13, 1.5), (0.12, 1.1), (0.1, 0.92), (-0.1, 0.92), (-0.12, 1.1)),
            colour=linear(96, 90, 84),
            thick=0.1,
            folds=0.3,
        ),
        Part(outline=((-0.06, 1.53), (0.07, 1.53), (0.05, 1.34), (0.005, 1.22), (-0.04, 1.34)), colour=shirt, thick=0.05),
        Part(
            outline=(
                (-0.1, 1.54),
                (-0.2, 1.49),
                (-0.24, 1.43),
                (-0.21, 1.2),
                (-0.19, 1.02),
                (-0.22, 0.8),
                (-0.26, 0.5),
                (-0.19, 0.5),
                (-0.09, 0.78),
                (-0.05, 1.0),
                (-0.04, 1.18),
                (-0.07, 1.4),
            ),
            colour=coat * np.float32(1.1),
            thick=0.1,
            folds=0.8,
        ),
        Part(
            outline=(
                (0.1, 1.54),
                (0.2, 1.49),
                (0.24, 1.43),
                (0.21, 1.2),
                (0.19, 1.02),
                (0.22, 0.8),
                (0.26, 0.5),
                (0.19, 0.5),
                (0.09, 0.78),
                (0.06, 1.0),
                (0.05, 1.18),
                (0.08, 1.4),
            ),
            colour=coat,
            thick=0.1,
            folds=0.8,
        ),
        Part(
            outline=((-0.1, 1.54), (-0.14, 1.44), (-0.1, 1.38), (-0.05, 1.2), (-0.04, 1.3), (-0.06, 1.46)),
            colour=coat * np.float32(1.6),
            thick=0.03,
        ),
        Part(
            outline=((0.1, 1.54), (0.14, 1.44), (0.11, 1.38), (0.06, 1.2), (0.05, 1.3), (0.07, 1.46)),
            colour=coat * np.float32(1.4),
            thick=0.03,
        ),
        Part(outline=limb((0.01, 1.47), (0.03, 1.6), 0.055, 0.05), colour=skin * np.float32(0.75), thick=0.05),
        Part(outline=limb((0.2, 1.43), (0.35, 1.17), 0.078, 0.06), colour=coat * np.float32(1.05), thick=0.07, folds=0.5),
        Part(
            outline=(
                (-0.055, 1.68),
                (-0.06, 1.75),
                (-0.01, 1.82),
                (0.06, 1.82),
                (0.115, 1.75),
                (0.115, 1.66),
                (0.085, 1.58),
                (0.05, 1.555),
                (0.0, 1.58),
            ),
            colour=skin,
            thick=0.08,
        ),
        Part(outline=((0.05, 1.71), (0.075, 1.66), (0.07, 1.645), (0.045, 1.65)), colour=skin * np.float32(1.15), thick=0.02),
        Part(outline=limb((0.0, 1.703), (0.04, 1.707), 0.007, 0.007), colour=hair, thick=0.01),
        Part(outline=limb((0.07, 1.707), (0.1, 1.703), 0.007, 0.007), colour=hair, thick=0.01),
        Part(outline=limb((0.035, 1.612), (0.075, 1.614), 0.006, 0.005), colour=skin * np.float32(0.45), thick=0.01),
        Part(
            outline=(
                (-0.07, 1.66),
                (-0.095, 1.76),
                (-0.06, 1.85),
                (0.03, 1.885),
                (0.1, 1.85),
                (0.13, 1.76),
                (0.115, 1.73),
                (0.06, 1.79),
                (-0.02, 1.785),
                (-0.045, 1.72),
            ),
            colour=hair,
            thick=0.06,
            fuzz=0.006,
        ),
        Part(outline=_violin((0.205, 1.478), 13, 0.37), colour=wood, thick=0.035),
        Part(outline=limb((0.12, 1.462), (0.3, 1.503), 0.02, 0.012), colour=wood * np.float32(0.22), thick=0.01),
        Part(outline=limb((0.36, 1.517), (0.58, 1.568), 0.014, 0.011), colour=wood * np.float32(0.4), thick=0.012),
        Part(outline=((0.565, 1.555), (0.6, 1.56), (0.605, 1.59), (0.575, 1.592)), colour=wood * np.float32(0.6), thick=0.015),
        Part(outline=limb((0.35, 1.16), (0.475, 1.44), 0.062, 0.046), colour=coat * np.float32(1.2), thick=0.06, folds=0.5),
        Part(outline=limb((0.468, 1.43), (0.483, 1.475), 0.036, 0.034), colour=shirt, thick=0.02),
        Part(outline=((0.455, 1.47), (0.51, 1.46), (0.535, 1.52), (0.51, 1.575), (0.475, 1.57), (0.46, 1.52)), colour=skin, thick=0.035),
        Part(outline=limb((-0.2, 1.43), (-0.385, 1.2), 0.08, 0.062), colour=coat * np.float32(1.3), thick=0.07, folds=0.5),
        Part(outline=limb((-0.39, 1.19), (-0.13, 1.335), 0.062, 0.045), colour=coat * np.float32(1.5), thick=0.06, folds=0.5),
        Part(outline=limb((-0.145, 1.328), (-0.105, 1.35), 0.036, 0.034), colour=shirt, thick=0.02),
        Part(outline=limb((-0.19, 1.292), (0.43, 1.672), 0.005, 0.004), colour=linear(120, 66, 38), thick=0.01),
        Part(outline=limb((-0.165, 1.29), (0.425, 1.652), 0.003, 0.003), colour=linear(232, 228, 214), thick=0.01),
        Part(outline=((-0.13, 1.375), (-0.06, 1.39), (-0.035, 1.355), (-0.06, 1.315), (-0.11, 1.318)), colour=skin, thick=0.035),
    )
    return modelled(parts, key, density, FIGURE_BOX, sun=-0.7, rim=1.7)


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
