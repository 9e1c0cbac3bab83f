"""Places out of doors that are drawn as one still with exact depth: streets, skylines, woods, the sea bed, outer space."""
