"""Fixtures for every test of the tree: `server`, `browser`, `context`, `page`."""

pytest_plugins = ("tests.server", "tests.browser")
