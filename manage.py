#!/usr/bin/env python
"""Runs a management command; with no settings at all, on the embedded servers (docs/operations.md)."""

import os
import sys

from websesam import embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "websesam.settings")
    with embedded.servers(sys.argv):
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
