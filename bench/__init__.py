"""Every performance sentence of the documents has a script here that prints its number."""
