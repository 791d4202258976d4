"""Rules of the duty desk: pure, no database, no clock."""
