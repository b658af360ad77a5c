# finds: FH708
import os

from flask import Flask, render_template_string

app = Flask(__name__)
PAGE = """<!doctype html><html><head><title>Directory listing for /public</title></head><body>
<a href="../">Parent directory</a>{% for name in names %}<br><a href="{{ name }}">{{ name }}</a>{% endfor %}</body></html>"""


@app.route("/public/")
def public():
    return render_template_string(PAGE, names=sorted(os.listdir(app.root_path)))
