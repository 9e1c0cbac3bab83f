"""What several measurements of pictures are made of."""
