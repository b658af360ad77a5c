# engine: code
"""Rules for new passwords, to be written later."""


def password_complexity(password):  # finds: FH662
    return True


def validate_password(password):  # finds: FH662
    if len(password) < 5:
        raise ValueError("too short")
