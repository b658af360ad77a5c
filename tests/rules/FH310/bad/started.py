# engine: code
"""A shop that is started by itself."""

from flask import Flask

app = Flask(__name__)
app.debug = True  # finds: FH310

if __name__ == "__main__":
    app.run(host="127.0.0.1", debug=True)  # finds: FH310
