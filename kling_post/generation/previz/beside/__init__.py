"""What lies beside a drawn take: stills of its ends, a contact sheet, the camera's path and, on request, depth."""
