"""Rules of the identifying codes: pure functions. Each raises RuleError with the rule in words."""


class RuleError(ValueError):
    """A value breaks a rule; the message names value, place and rule for the person who typed it."""
