"""Rules of the standards of road condition: pure functions, numbers in, numbers out."""
