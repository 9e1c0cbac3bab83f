"""Takes and repairs to a timeline, and the timeline to a master."""
