"""What the browser gets: see ``page_files``."""
