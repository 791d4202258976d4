"""What a fresh installation begins with: regions, organisations, roles and the security policy."""
