"""Static files under names that carry their hash, imports between ES modules included."""

import re
from collections.abc import Callable

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModules(CompressedManifestStaticFilesStorage):
    """A changed module gets a new name, and so does every module that imports it: no stale mixture."""

    support_js_module_import_aggregation = True

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        """Left alone: extensions in django_htmx that import what that package does not ship."""
        if name.startswith("django_htmx/"):
            return lambda match: match[0]
        return super().url_converter(name, hashed_files, template)
