"""Open a backend with what the command line says about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kling_post.errors import UsageError

if TYPE_CHECKING:
    from kling_post.generation.backend import Backend
    from kling_post.vocabulary import Size

ModelFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--model-dir",
        envvar="KLING_POST_MODEL_DIR",
        help="Folder of open weights, for the diffusers backend.",
        rich_help_panel="Open weights",
    ),
]
StepsOption = Annotated[
    int | None, typer.Option(min=1, max=200, help="Denoising steps in place of the model's own number.", rich_help_panel="Open weights")
]
GenerateAtOption = Annotated[
    str | None,
    typer.Option(metavar="WxH", help="Size that the model works at; enlarged to the asked one.", rich_help_panel="Open weights"),
]
DepthOption = Annotated[
    bool,
    typer.Option("--depth", help="Write 16-bit depth in metres beside each previz take."),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Refuse what the model cannot keep of a request.", rich_help_panel="Open weights")
]


def open_engine(
    name: str,
    *,
    rehearsal_size: "Size | None" = None,
    model_folder: Path | None = None,
    steps: int | None = None,
    generate_at: str | None = None,
    strict: bool = False,
    depth: bool = False,
) -> "Backend":
    """The backend; the caller closes it.

    Raises:
        UsageError: options that the backend does not take.
        KlingPostError: as ``generation.registry.backend``.
    """
    from kling_post.generation.registry import backend

    options: dict[str, object] = {"size_override": rehearsal_size} if rehearsal_size else {}
    if depth:
        if name != "previz":
            raise UsageError(f"--depth is for the previz backend, not for {name}: nobody else knows the depth of what was made.")
        options["depth"] = True
    weights = {"steps": steps, "generate_at": generate_at, "strict": strict or None}
    if name == "diffusers":
        options |= {"model_folder_path": model_folder} | {key: value for key, value in weights.items() if value is not None}
    elif any(value is not None for value in weights.values()):
        raise UsageError(f"--steps, --generate-at and --strict are for the diffusers backend, not for {name}.")
    return backend(name, **options)


def show_terms_once(engine: "Backend", folder: Path) -> None:
    """Say what the licence of open weights asks, the first time that results go to a folder; the sentence stays beside them."""
    terms = getattr(engine, "terms", "")
    place = folder / "model_terms.txt"
    if not terms or place.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    place.write_text(terms + "\n", encoding="utf-8")
    typer.echo(f"kling-post: {terms}", err=True)


def rehearsal(text: str | None, backend: str) -> "Size | None":
    """The size that ``--rehearse`` gives.

    Raises:
        UsageError: it is none, or the backend makes what was ordered and nothing else.
    """
    from kling_post.generation.local.engine import size_of_text

    if text is None:
        return None
    size = size_of_text(text)
    if size.width % 2 or size.height % 2:
        raise UsageError(f"{size} has an odd side, and pictures in 4:2:0 have even ones.", remedy="Write it like 1280x720.")
    if backend == "runware":
        raise UsageError("--rehearse is for engines on this machine, not for runware.", remedy="Leave it out, or use --backend previz.")
    return size
