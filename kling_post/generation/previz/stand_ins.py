"""Stand-in stills as files: what a request's frame images might be, drawn from its prompt, for work without the network."""

from pathlib import Path

from kling_post.generation.previz.reading import read_prompt
from kling_post.generation.previz.stills import render_still
from kling_post.vocabulary import Size, VideoTask
from kling_post.whole_files import whole_file

_STATES = {"first": 0.0, "last": 1.0}


def write_stand_ins(task: VideoTask, *, name: str, folder: Path, size: Size, again: bool = False) -> tuple[tuple[Path, bool], ...]:
    """Draw each frame image that a task names as ``{name}_first.png`` and ``{name}_last.png``.

    First and last show the same place from the same seed. A file that is there is kept, unless ``again``.

    Returns:
        Each still's path, and whether it was drawn now.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    written = []
    given = {"first": task.first_image, "last": task.last_image}
    reading = read_prompt(task.shots[0].prompt, task.negative_prompt)
    for place, state in _STATES.items():
        if given[place] is None:
            continue
        path = folder / f"{name}_{place}.png"
        if path.is_file() and not again:
            written.append((path, False))
            continue
        folder.mkdir(parents=True, exist_ok=True)
        still = render_still(reading, seed=task.seed, size=size, state=state)
        about = PngInfo()
        about.add_text("Comment", "kling_post previz - procedural, not generated footage")
        with whole_file(path) as part:
            Image.fromarray(still).save(part, format="PNG", pnginfo=about)
        written.append((path, True))
    return tuple(written)
