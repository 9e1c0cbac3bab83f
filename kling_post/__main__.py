"""``python -m kling_post``."""

from kling_post.cli import run

if __name__ == "__main__":
    run()
