# finds: FH405, FH405
import subprocess

from flask import Flask

app = Flask(__name__)
app.jinja_env.globals.update(calculate=eval, subprocess=subprocess)
