"""Real disks that are full or cannot be written to: small file systems in memory, in a mount namespace of the test's own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry

MakeTake = Callable[..., EditEntry]

SCRIPT = """
import json, subprocess, sys
from fractions import Fraction
from pathlib import Path
from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.edit.profiles import deliver_files, profile
from kling_post.errors import KlingPostError
from kling_post.media.probe import probe
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind

disk, paths = Path(sys.argv[1]), [Path(word) for word in sys.argv[2:]]

def mount(*options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(disk)], check=True)

def used():
    return sum(path.stat().st_size for path in disk.rglob("*") if path.is_file())

class FillsUp:
    '''Leaves 4 KiB when the piece of work of that name begins.'''
    def __init__(self, label): self.label = label
    def start(self, label, total, unit="frames"):
        if label == self.label:
            left = subprocess.run(["df", "--output=avail", "-k", str(disk)], capture_output=True, text=True).stdout.split()[-1]
            (disk / "ballast").write_bytes(bytes(max(0, int(left) - 4) * 1024))
    def advance(self, done): pass
    def finish(self, note=""): pass

def attempt(work):
    try:
        work()
        said, code = "", 0
    except KlingPostError as error:
        said, code = str(error), error.exit_code
    if (disk / "ballast").exists():
        (disk / "ballast").unlink()
    files = sorted(str(path.relative_to(disk)) for path in disk.rglob("*") if path.is_file())
    return {"said": said, "code": code, "files": files}

facts = [probe(path) for path in paths]
entries = [EditEntry(path=paths[0], facts=facts[0], shot_ids=("a",)),
           EditEntry(path=paths[1], facts=facts[1], shot_ids=("b",), join=JoinKind.DISSOLVE, dissolve_frames=12)]
timeline = assemble("edit", entries, rate=Fraction(24))
def master(progress): return lambda: render_master(timeline, target=target("streaming"), folder=disk / "out", progress=progress)
told = {}
mount("size=16m")
for label in ("encode", "sound", "write"):
    told[label] = attempt(master(FillsUp(label)))
told["room again"] = attempt(master(FillsUp("")))
def mezzanine(progress):
    return lambda: deliver_files(paths[:1], profile("prores-hq"), folder=disk / "mezzanine", progress=progress)
told["deliver"] = attempt(mezzanine(FillsUp("encode a.mov")))
subprocess.run(["umount", str(disk)], check=True)
mount("size=16m", "ro")
told["read-only"] = attempt(master(FillsUp("")))
told["read-only deliver"] = attempt(mezzanine(FillsUp("")))
print(json.dumps(told))
"""


@pytest.fixture
def told(make_take: MakeTake, tmp_path: Path) -> dict[str, Any]:
    """What each attempt said, and what lay on the disk afterwards."""
    allowed = sys.platform == "linux" and subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0
    if not allowed:
        pytest.skip("needs a mount namespace")
    noise = (0.05 * np.random.default_rng(1).standard_normal((96_000, 2))).astype(np.float32)
    paths = [str(make_take(name, 48, sound=noise).path) for name in ("a", "b")]
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["unshare", "-rm", sys.executable, "-c", SCRIPT, str(disk), *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_half_master_is_left_by_any_disk_and_the_next_run_ends_well(told: dict[str, Any]) -> None:
    for moment in ("encode", "sound", "write"):
        assert "disk is full" in told[moment]["said"], moment
        assert told[moment]["code"] == 1
        assert not [name for name in told[moment]["files"] if not name.startswith("out/.work/segments/")], moment
        assert not [name for name in told[moment]["files"] if name.endswith(".part")], moment
    assert told["encode"]["files"] == []
    assert len(told["sound"]["files"]) == len(told["write"]["files"]) == 1  # the finished segment is kept
    assert told["room again"]["said"] == ""
    assert "out/edit.mp4" in told["room again"]["files"]
    assert "disk is full" in told["deliver"]["said"]
    assert told["deliver"]["files"] == told["room again"]["files"]
    for moment in ("read-only", "read-only deliver"):
        assert "Read-only file system" in told[moment]["said"], moment
        assert "Give a folder that can be written to." in told[moment]["said"]
        assert told[moment]["files"] == []
