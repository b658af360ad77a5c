# finds: FH301
from flask import Flask, render_template_string

app = Flask(__name__)


@app.get("/")
def index():
    return render_template_string("<h1>{{ title }}</h1>", title="Notes")
