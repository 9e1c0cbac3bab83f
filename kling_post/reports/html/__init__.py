"""The report page: one HTML file that needs nothing else and works from disk."""
