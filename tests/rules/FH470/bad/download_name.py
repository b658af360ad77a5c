from urllib.parse import parse_qs

from flask import Flask, jsonify, request

app = Flask(__name__)


class Named:
    """Gives each answer the file name that the visitor wants."""

    def __init__(self, wsgi):
        self.wsgi = wsgi

    def __call__(self, environ, start_response):
        name = parse_qs(environ.get("QUERY_STRING", "")).get("name", ["report.csv"])[0]

        def start(status, headers, exc_info=None):
            raw = f"Content-Disposition: attachment; filename={name}"
            more = [line.split(":", 1) for line in raw.replace("\r", "").split("\n") if ":" in line]
            return start_response(status, headers + [(key, value.strip()) for key, value in more])

        return self.wsgi(environ, start)


app.wsgi_app = Named(app.wsgi_app)


@app.get("/report")  # finds: FH470
def report():
    return jsonify(name=request.args.get("name"))
