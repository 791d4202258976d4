"""The rules as validators of model fields: one refusal for page, API and import."""

from collections.abc import Callable

from django.core.exceptions import ValidationError

from .rules import RuleError
from .rules.credit_code import check_credit_code
from .rules.route_code import parse_route_code
from .rules.vin import check_vin


def obey(rule: Callable[..., object], *values: object) -> None:
    """Runs a rule and turns its refusal into the form's."""
    try:
        rule(*values)
    except RuleError as refusal:
        raise ValidationError(str(refusal)) from refusal


def credit_code(value: str) -> None:
    obey(check_credit_code, value)


def vin(value: str) -> None:
    obey(check_vin, value)


def route_code(value: str) -> None:
    obey(parse_route_code, value)
