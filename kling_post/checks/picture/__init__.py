"""What is wrong with the picture?"""
