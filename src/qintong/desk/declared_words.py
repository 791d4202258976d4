"""The words of models in the language of the reader.

Models are declared in plain Chinese. Here, once at start, their names and choices become lazy messages,
so that every page, form and export shows them through the catalogue without asking.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def translate(configs: Iterable[AppConfig]) -> None:
    """Makes names, help texts and choices of these apps lazy. Doing it twice changes nothing."""
    for config in configs:
        config.verbose_name = _lazy(config.verbose_name)
        for model in config.get_models():
            _translate_model(model)


def _translate_model(model: type[Model]) -> None:
    options = model._meta
    options.verbose_name = _lazy(options.verbose_name)
    options.verbose_name_plural = _lazy(options.verbose_name_plural)
    for field in options.local_fields + options.local_many_to_many:
        field.verbose_name = _lazy(field.verbose_name)
        field.help_text = _lazy(field.help_text)
        if field.choices:
            field.choices = [(value, _lazy(label)) for value, label in field.choices]


def _lazy(text: Any) -> Any:
    """A lazy message; what is lazy, empty or no text stays as it is."""
    if not text or isinstance(text, Promise) or not isinstance(text, str):
        return text
    return gettext_lazy(text)
