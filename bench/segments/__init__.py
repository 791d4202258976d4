"""A register of a million road segments: only benches install it."""
