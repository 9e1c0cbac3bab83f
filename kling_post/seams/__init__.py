"""The joins between clips: what kind each is, what does not match, what would mend it."""
