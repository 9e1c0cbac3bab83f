"""What the air does: distance haze on the ground, shimmer and mirage along the horizon, and drifting mist."""

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.ground import Rows
from kling_post.generation.previz.picture.layers import Layer, affine, lay, layer
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.sky import SkyLook
from kling_post.generation.previz.picture.tone import Bytes, display, rgb, to_bytes
from kling_post.vocabulary import Size


class GroundAir:
    """Haze and sky sheen over the ground, for one sky."""

    def __init__(self, sky: SkyLook, *, haze_metres: float, sheen: float = 0.35) -> None:
        """``sheen`` is the share of the mirrored sky at a grazing view: salt, ice and wet ground shine."""
        self.sky, self.haze_metres, self.sheen = sky, haze_metres, sheen
        self._last: tuple[tuple[object, ...], tuple[Bytes, Bytes]] | None = None

    def rows(self, rows: Rows) -> tuple[Bytes, Bytes]:
        """What the air lets through and what it adds, both (rows, columns, 3) uint8, for one pose.

        It depends on the camera's height and lens only, so most shots need it once.
        """
        pose = rows.pose
        key = (rows.size, pose.y, pose.focal, pose.horizon, pose.shift)
        last = self._last
        if last is None or last[0] != key:
            last = (key, self._rows(rows))
            self._last = last
        return last[1]

    def _rows(self, rows: Rows) -> tuple[Bytes, Bytes]:
        size, pose = rows.size, rows.pose
        step = 16
        columns = (np.arange(size.width // step, dtype=np.float32) * step + np.float32(step / 2 - pose.centre(size))) / np.float32(
            size.height * pose.focal
        )
        haze = (1 - np.exp(-rows.depth / np.float32(self.haze_metres)))[:, None, None]
        glance = pose.y / np.hypot(pose.y, rows.depth)
        fresnel = (np.float32(self.sheen) * (1 - glance) ** 5)[:, None, None]
        up = np.maximum(pose.y / rows.depth, 0)
        across, mirrored = np.broadcast_arrays(columns[None], up[:, None])
        mirror = display(self._sheen_light(np.asarray(across, np.float32), np.asarray(mirrored, np.float32)))
        far = display(self.sky.horizon_light(columns))[None]
        clear = (1 - haze) * (1 - fresnel)
        air = (far * haze + mirror * fresnel * (1 - haze)).astype(np.float32)
        # The ground's own texture hides the steps of 8 bits; no dither is needed here.
        wide = cv2.resize(to_bytes(air), (size.width, len(rows.depth)), interpolation=cv2.INTER_LINEAR)
        through = np.round(clear[:, 0] * 255).astype(np.uint8)
        plane = np.ascontiguousarray(np.broadcast_to(through, (len(through), size.width)))
        return np.asarray(cv2.merge([plane] * 3), np.uint8), np.asarray(wide, np.uint8)

    def _sheen_light(self, across: FloatArray, up: FloatArray) -> FloatArray:
        """The sky mirrored in rough ground: the sun becomes a long soft path."""
        colour = self.sky.horizon_light(across)
        path = np.exp(-((across - self.sky.sun_across) ** 2) * 190) * np.exp(-up * 3.5)
        return np.asarray(colour + rgb(*self.sky.sun) * (path * np.float32(1.5 * self.sky.glow))[..., None], np.float32)


class Shimmer:
    """Hot air along the horizon: rows slide sideways and the land's foot is mirrored in false water."""

    def __init__(self, *, seed: int, strength: float = 1.0, mirage: float = 0.6, band: float = 0.022) -> None:
        self._waves = generator(seed, "shimmer").uniform(0.4, 1.0, (6, 4))
        self._strength, self._mirage, self._band = strength, mirage, band
        self._patches = spectral_noise((1, 512), beta=1.1, rng=generator(seed, "mirage"))[0]

    def _shift(self, rows: FloatArray, columns: FloatArray, seconds: float) -> FloatArray:
        """Sideways displacement in band heights, (rows, columns)."""
        total = np.zeros((len(rows), len(columns)), np.float32)
        for slow, fast, tilt, phase in self._waves:
            wave = 26 * fast * rows[:, None] + 9 * tilt * columns[None] - seconds * (5.5 + 6 * slow)
            total += np.sin(wave + 40 * phase).astype(np.float32)
        return np.asarray(total / 6, np.float32)

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        """Bend the band round the horizon, in place."""
        height, width = frame.shape[:2]
        horizon = round(pose.horizon * height)
        band = max(6, int(self._band * height))
        if horizon - 2 * band < 0 or horizon + band > height:
            return
        if self._mirage > 0:
            self._mirror(frame, horizon, band, seconds)
        top, bottom = horizon - band, horizon + band
        rows = np.arange(bottom - top, dtype=np.float32)
        columns = (np.arange(width // 8, dtype=np.float32) * 8 - width / 2) / height
        window = np.clip(1 - np.abs(rows - band) / band, 0, 1)
        shift = self._shift((rows - band) / band, columns, seconds) * (window * band * 0.1 * self._strength)[:, None]
        across = cv2.resize(shift, (width, bottom - top), interpolation=cv2.INTER_LINEAR) + np.arange(width, dtype=np.float32)[None]
        lift = cv2.resize(shift * np.float32(0.35), (width, bottom - top), interpolation=cv2.INTER_LINEAR) + rows[:, None]
        bent = cv2.remap(frame[top:bottom], across, lift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        frame[top:bottom] = bent

    def _mirror(self, frame: RgbFrame, horizon: int, band: int, seconds: float) -> None:
        width = frame.shape[1]
        depth = band
        above = cv2.resize(frame[horizon - 2 * depth : horizon][::-1], (width, depth), interpolation=cv2.INTER_AREA)
        place = (np.arange(width // 8, dtype=np.float32) * 8 / frame.shape[0] * 120 + np.float32(seconds * 1.2)) % 511
        patch = np.interp(place, np.arange(512), self._patches)
        rows = (np.arange(depth, dtype=np.float32)[:, None] + 0.5) / depth
        pool = smoothstep(-0.9, 0.7, np.asarray(patch, np.float32))[None] * smoothstep(0.0, 0.14, rows) * (1 - smoothstep(0.25, 1.0, rows))
        alpha = cv2.resize(np.asarray(pool * (255 * self._mirage), np.float32), (width, depth), interpolation=cv2.INTER_LINEAR)
        cover = cv2.merge([np.asarray(alpha, np.uint8)] * 3)
        region = frame[horizon : horizon + depth]
        mirrored = cv2.multiply(above, cover, scale=1 / 255)
        cv2.multiply(region, cv2.bitwise_not(cover), dst=region, scale=1 / 255)
        cv2.add(region, mirrored, dst=region)


class Mist:
    """A long strip of mist that lies along the horizon and drifts."""

    def __init__(
        self,
        sky: SkyLook,
        size: Size,
        pose: Pose,
        outlook: Outlook,
        *,
        seed: int,
        density: float,
        above: float = 0.045,
        below: float = 0.05,
        metres: float = 900.0,
    ) -> None:
        rows = max(8, int((above + below) * size.height) // 2)
        columns = size.width
        strip = spectral_noise((64, 1024), beta=1.5, rng=generator(seed, "mist"), stretch=6.0)
        noise = np.asarray(cv2.resize(strip, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)
        level = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows
        body = smoothstep(0.0, 0.5, level) * (1 - smoothstep(0.55, 1.0, level))
        cover = np.clip((noise * 0.5 + 0.55) * body * density, 0, 1)
        reach = 0.85 + outlook.beside
        light = sky.horizon_light(np.linspace(-reach, reach, columns, dtype=np.float32) / np.float32(pose.focal)) * np.float32(1.04)
        self._layer: Layer = layer(
            np.broadcast_to(display(light)[None], (rows, columns, 3)).astype(np.float32), np.asarray(cover, np.float32)
        )
        self._above, self._span, self._metres, self._beside = above, above + below, metres, outlook.beside

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, wind: float = 2.0) -> None:
        """Lay the mist over the frame; it drifts back and forth slowly enough never to show an end."""
        size = Size(frame.shape[1], frame.shape[0])
        rows, columns = self._layer.shape
        drift = (wind * seconds - pose.x) * pose.focal * size.height / self._metres
        scale = (size.width * 1.16 + 2 * self._beside * size.height) / columns
        matrix = affine(
            scale_x=scale,
            scale_y=self._span * size.height / rows,
            at=(pose.centre(size) + drift, pose.horizon * size.height),
            anchor=(columns / 2, rows * self._above / self._span),
        )
        lay(frame, self._layer, matrix)
