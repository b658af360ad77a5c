# engine: code
from filters import clean
from flask import Flask, render_template, request
from markupsafe import escape

app = Flask(__name__)
app.jinja_env.filters["clean"] = clean


@app.template_filter("quoted")
def in_quotes(text):
    return f"&ldquo;{escape(text)}&rdquo;"


@app.template_filter()
def emphasised(text):
    return f"<em>{escape(text)}</em>"


@app.get("/")
def index():
    return render_template("index.html", q=request.args["q"])
