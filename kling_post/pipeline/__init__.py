"""The story from shot list to finished edit: each file is one stretch of it, and calls the rooms by their front doors."""
