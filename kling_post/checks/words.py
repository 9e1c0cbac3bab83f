"""What a request's negative prompt forbids in words that a check can measure."""

import re

_WORDS = {
    "flicker": ("flicker", "flickering", "flickers", "strobing", "pulsing"),
    "flash": ("flash", "flashes", "flashing", "strobing"),
    "cuts": ("scene cut", "scene cuts", "jump cut", "jump cuts", "abrupt cut", "abrupt cuts", "hard cuts"),
    "jitter": ("jitter", "jittery", "shaky", "shake", "camera shake"),
    "blockiness": ("compression artifacts", "compression artefacts", "blocking", "blocky", "macroblocking", "pixelated"),
    "sharpness": ("blur", "blurry", "blurred", "out of focus", "soft focus", "low detail", "low resolution"),
    "text": ("text", "watermark", "watermarks", "logo", "logos", "subtitles", "captions"),
    "borders": ("frame", "border", "borders", "letterbox", "black bars"),
    "banding": ("banding", "color banding", "colour banding"),
    "freeze": ("frozen", "freeze", "still image", "static"),
    "duplicate_frames": ("stutter", "stuttering", "duplicate frames", "dropped frames"),
    "colour_drift": ("color shift", "colour shift", "color drift", "colour drift"),
}
"""Checks by name, and the phrases of a negative prompt that ask for them. Words that a machine cannot measure are not here."""


def forbidden(negative_prompt: str | None) -> dict[str, str]:
    """Checks that a negative prompt makes stricter, each with the phrase that does so.

    >>> forbidden("low detail, flickering architecture, abrupt scene cuts, cartoon")
    {'flicker': 'flickering', 'cuts': 'scene cuts', 'sharpness': 'low detail'}
    """
    text = (negative_prompt or "").lower()
    named: dict[str, str] = {}
    for check, phrases in _WORDS.items():
        for phrase in sorted(phrases, key=len, reverse=True):
            # A phrase counts only as whole words: "frame" is not in "frames per second".
            if re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text):
                named[check] = phrase
                break
    return named
