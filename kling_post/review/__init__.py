"""The review: takes and seams looked at by a person, verdicts kept as they are given, and what follows from them."""
