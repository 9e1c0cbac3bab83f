"""The timeline in other programs' formats: one file is one format."""
