"""From a bare machine to a running Qintong, with the standard library alone.

Everything here must run under the distribution's own Python before any package is installed: no import
of Django, of a dependency, or of the rest of qintong.
"""
