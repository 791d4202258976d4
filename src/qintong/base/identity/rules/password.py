"""Password policy: length, classes of characters, nothing that is known of the account. Pure."""

import re

CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


def complaints(password: str, login_name: str, min_length: int, min_classes: int) -> list[str]:
    """What is wrong with a new password, in words; empty when nothing is."""
    found = []
    if len(password) < min_length:
        found.append(f"口令至少 {min_length} 位，现在 {len(password)} 位")
    classes = sum(bool(re.search(pattern, password)) for pattern in CLASSES)
    if classes < min_classes:
        found.append(f"大写、小写、数字、符号至少用 {min_classes} 种，现在 {classes} 种")
    if login_name and login_name.lower() in password.lower():
        found.append("口令不能含有账号")
    if len(set(password)) < 5:
        found.append("不同的字符少于 5 个")
    return found
