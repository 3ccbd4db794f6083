"""Which characters are text."""


def is_storable(text: str) -> bool:
    """Whether both databases can keep it: NUL and halves of characters they cannot."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
