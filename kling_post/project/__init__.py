"""What the editor asked for: ``project.yaml``, or one bare request, read whole and refused with its line; and edited in place."""

from kling_post.project.project import Project, load_project
from kling_post.project.shots import ProjectShot

__all__ = ["Project", "ProjectShot", "load_project"]
