from flask import Flask, render_template_string, request

app = Flask(__name__)
app.jinja_env.autoescape = False  # finds: FH403


@app.get("/")
def index():
    return render_template_string("<p>{{ name }}</p>", name=request.args.get("name"))
