# engine: code
import os
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.post("/ping")
def ping():
    return {"status": os.system("ping -c 1 " + request.form["host"])}  # finds: FH440


@app.post("/convert")
def convert():
    name = request.form.get("name", "")
    done = subprocess.run(f"convert {name} out.png", shell=True, check=False)  # finds: FH440
    return {"status": done.returncode}


@app.post("/script")
def script():
    words = ["sh", "-c", "echo %s" % request.form["text"]]
    return {"status": subprocess.call(words)}  # finds: FH440


@app.post("/tool")
def tool():
    return {"status": subprocess.call([request.form["tool"], "--version"])}  # finds: FH440
