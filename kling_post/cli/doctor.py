"""``kling-post doctor``: what this machine has, and what is missing."""

import json
import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

_PACKAGES = ("numpy", "opencv-python-headless", "av", "ffmpeg-python", "imageio-ffmpeg", "moviepy", "httpx", "opentimelineio")
_ENCODERS = ("libx264", "libx265", "prores_ks", "dnxhd", "libsvtav1", "aac")


def _package_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _gather() -> dict[str, object]:
    from kling_post.media.ffmpeg import ffmpeg_program

    program = ffmpeg_program()
    banner = subprocess.run([program, "-hide_banner", "-version"], capture_output=True, text=True, check=True).stdout
    encoders = subprocess.run([program, "-hide_banner", "-encoders"], capture_output=True, text=True, check=True).stdout
    present = {line.split()[1] for line in encoders.splitlines() if len(line.split()) > 1}
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "packages": {name: _package_version(name) for name in _PACKAGES},
        "ffmpeg": {"program": program, "version": banner.splitlines()[0]},
        "encoders": {name: name in present for name in _ENCODERS},
        "free_disk_gigabytes": round(shutil.disk_usage(Path.cwd()).free / 1e9, 1),
        "runware_key": "RUNWARE_API_KEY" in os.environ,
    }


def command(*, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Say what this machine has: Python, packages, ffmpeg and its encoders, free disk, whether a key is set."""
    facts = _gather()
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            typer.echo(f"{name}:")
            for key, inner in value.items():
                typer.echo(f"  {key}: {'missing' if inner in (None, False) else 'yes' if inner is True else inner}")
        else:
            typer.echo(f"{name}: {value}")
