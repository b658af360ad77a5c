# engine: code
import argparse

from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--debug", action="store_true")
    given = parser.parse_args()
    app.run(host="0.0.0.0", debug=True if given.debug else None)
