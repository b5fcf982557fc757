"""A stand-in for SESAM2 (contract, section 7): takes orders, walks them through their lives, misbehaves on request.

It is a second implementation of the contract: it knows docs/sesam2/schemas and nothing else of the project.
The test suite starts it in a thread through `integration.mock_sesam2.testing.MockSesam2`.
"""
