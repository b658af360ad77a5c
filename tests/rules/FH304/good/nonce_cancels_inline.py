from flask import Flask

app = Flask(__name__)


@app.after_request
def policy(response):
    response.headers["Content-Security-Policy"] = (
        "script-src 'nonce-r4nd0m' 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'"
    )
    return response


@app.get("/")
def index():
    return "<p>notes"
