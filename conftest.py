"""Fixtures for every test of the tree: `server`, `browser`, `context`, `page`."""

pytest_plugins = ("tests.database", "tests.server", "tests.browser", "tests.province")
