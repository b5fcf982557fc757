"""Pages of kundorder."""
