"""Makes docs/sesam2/ from the contract's models: everything that is needed to build SESAM2's side."""

from integration.sesam2_docs.files import make_files

__all__ = ["make_files"]
