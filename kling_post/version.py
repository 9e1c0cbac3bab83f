"""The package's version: one place, read by the build and by every file that states who wrote it."""

__version__ = "0.1.0"
