"""The only room that opens media files or starts ffmpeg."""
