# engine: code
import os
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


TOOLS = {"ping": "/bin/ping", "host": "/usr/bin/host"}


@app.post("/ping")
def ping():
    return {"status": subprocess.run(["ping", "-c", "1", "--", request.form["host"]], check=False).returncode}


@app.post("/quoted")
def quoted():
    return {"status": os.system("ping -c 1 " + shlex.quote(request.form["host"]))}


@app.post("/tool")
def tool():
    return {"status": subprocess.call([TOOLS[request.form["tool"]], "--version"])}


@app.post("/count/<int:number>")
def count(number):
    return {"status": os.system(f"seq {number}")}
