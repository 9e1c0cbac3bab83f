"""What engines on this machine share: a child process per task, and a folder of small files through which it speaks."""
