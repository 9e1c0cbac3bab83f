"""Is the take what was ordered?"""
