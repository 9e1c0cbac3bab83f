"""``python -m kling_post``."""

import sys

from kling_post.cli import main

if __name__ == "__main__":
    sys.exit(main())
