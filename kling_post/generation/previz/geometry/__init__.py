"""What is known of a drawn picture besides its pixels: where the camera stands, how far away each pixel is, and how it moves."""
