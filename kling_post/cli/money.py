"""Amounts of money on the command line."""

from decimal import Decimal, InvalidOperation

from kling_post.errors import UsageError


def dollars(text: str | None, *, option: str = "--budget-usd") -> Decimal | None:
    """An amount in dollars.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise UsageError(f"{option} {text} is not an amount of money.", remedy="Give dollars, as 20 or 14.70.")
    return amount
