# engine: code
import random
import string


def send_reset(mail, deliver):
    reset_code = random.randint(100000, 999999)  # finds: FH251
    deliver(mail, f"Your code is {reset_code}")


def token_of():
    token = "".join(random.choices(string.ascii_letters, k=32))  # finds: FH251
    return token
