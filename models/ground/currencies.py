"""How many decimals a currency has, and an amount of it as people write it."""

# ISO 4217 currencies whose minor unit is not a hundredth.
MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0
    ),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def minor_digits(currency: str) -> int:
    """Decimal places between a currency's unit and its minor unit: 2 for EUR, 0 for JPY."""
    return MINOR_DIGITS.get(currency, 2)


def written(minor: float, currency: str) -> str:
    """An amount in the currency's unit without its name: 123456 is `1,234.56` in EUR and `123,456` in JPY."""
    digits = minor_digits(currency)
    return f"{minor / 10**digits:z,.{digits}f}"
