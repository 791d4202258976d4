"""Password hash: Argon2id, parameters published here; a stored hash with others is renewed at sign-in."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """m = 19 MiB, t = 2, p = 1: the least that OWASP's password storage sheet recommends."""

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
