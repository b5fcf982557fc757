"""A catalogue for the demo, the tests and measuring: everything in it is invented, the ISO classes are real."""
