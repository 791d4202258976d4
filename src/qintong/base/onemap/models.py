"""The map keeps no records of its own. The module is here for Django to report migrations to the room."""
