"""Trouble: a failure of set-up as one clear sentence with its remedy, Chinese first."""


class Trouble(Exception):
    """Raised instead of a traceback. `zh` and `en` say what is wrong; the remedies say what to do."""

    def __init__(self, zh: str, remedy_zh: str, en: str, remedy_en: str) -> None:
        super().__init__(zh, remedy_zh, en, remedy_en)
        self.zh, self.remedy_zh, self.en, self.remedy_en = zh, remedy_zh, en, remedy_en

    def __str__(self) -> str:
        return f"{self.zh}。{self.remedy_zh}。\n{self.en}: {self.remedy_en}."
