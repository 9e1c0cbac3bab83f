"""The embedded backend: a procedural rehearsal drawn from the prompt. No AI, no network, no cost."""
