"""Numbers to findings: one file is one question. No pixels here."""
