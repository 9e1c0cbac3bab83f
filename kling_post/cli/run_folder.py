"""Where a project's run lies, as every verb that comes after a run finds it."""

from pathlib import Path


def run_folder(project: Path, *, out: Path | None, rehearse: str | None) -> Path:
    """The folder of a project's run, or of its rehearsal; a folder that holds a report stands for itself.

    Raises:
        UsageError: ``rehearse`` is no size.
        ProjectError: the project cannot be read.
    """
    if (project / "report" / "report.json").is_file():
        return project.resolve()
    from kling_post.project import load_project

    folder = out or Path("out") / load_project(project).name
    if rehearse is not None:
        from kling_post.generation.local.engine import size_of_text

        folder /= f"rehearsal_{size_of_text(rehearse)}"
    return folder.resolve()


def review_waivers(folder: Path) -> Path | None:
    """The waivers that a review of a run took in, where one was applied."""
    from kling_post.review.waiver_file import waivers_path

    path = waivers_path(folder)
    return path if path.is_file() else None


def project_waivers(project: Path) -> Path | None:
    """The waivers that lie beside a shot list."""
    place = project.parent / "waivers.yaml"
    return place if place.is_file() else None
