"""Is the file itself sound?"""
