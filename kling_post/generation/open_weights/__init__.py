"""Open weights on one's own GPU, through the diffusers library; the weights lie in a folder that the user brings."""
