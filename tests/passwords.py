from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The product's hash at its lowest cost: tests make many users."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
