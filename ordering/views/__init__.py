"""What the pages of all kinds of order do. The apps' own views stand at the addresses, say who may open them, and add what is the kind's own."""
