# engine: code
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/script")
def script():
    return render_template_string("<script>let wanted = {{ wanted }};</script>", wanted=request.args["wanted"])  # finds: FH449


@app.get("/attribute")
def attribute():
    return render_template_string("<input value={{ wanted }}>", wanted=request.args["wanted"])  # finds: FH449


@app.get("/link")
def link():
    return render_template_string("<a href='{{ back }}'>back</a>", back=request.args["back"])  # finds: FH449
