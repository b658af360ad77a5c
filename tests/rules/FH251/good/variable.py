# engine: code
import random
import secrets


def token_of():
    token = secrets.token_urlsafe(32)
    colour = random.choice(["green", "blue"])
    return token, colour
