# engine: code
"""An exception of the program's own repeats in its message what it was raised about."""

from flask import Flask
from markupsafe import escape

app = Flask(__name__)


class FilterError(Exception):
    def __init__(self, message):
        self.message = message


class Missing(Exception):
    pass


@app.errorhandler(FilterError)
def filter_error(error):
    return f"<p>{error.message}</p>"  # finds: FH443


@app.errorhandler(Missing)
def missing(error):
    return f"<p>{escape(str(error))}</p>", 404
