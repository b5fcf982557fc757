"""Every change that a person or SESAM2 can make to a hämtorder."""
