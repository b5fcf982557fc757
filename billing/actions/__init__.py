"""What SESAM2 and people do with invoice bases."""
