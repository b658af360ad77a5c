# engine: code
import jwt


def badge(person):
    return jwt.encode({"sub": person, "exp": 1}, None, algorithm="none")  # finds: FH262
