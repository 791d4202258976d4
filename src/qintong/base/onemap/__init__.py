"""一张图: tiles, live positions and tracks on one map."""
