"""What is wrong with the sound?"""
