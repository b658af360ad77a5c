# engine: code
"""Functions that a thread, a pool or a worker calls, and views that are made with what they need."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from celery import Celery
from flask import Flask, request
from flask.views import MethodView
from flask_restful import Api, Resource

app = Flask(__name__)
celery = Celery()


def keep(name, data):
    with open(os.path.join("kept", name), "wb") as file:  # finds: FH442
        file.write(data)


def drop(name):
    os.remove(os.path.join("kept", name))  # finds: FH442


@celery.task
def later(name):
    os.remove("kept/" + name)  # finds: FH442


@app.post("/kept")
def start():
    threading.Thread(target=keep, args=(request.form["name"], b"")).start()
    with ThreadPoolExecutor() as pool:
        pool.submit(drop, request.form["name"])
    later.delay(request.form["name"])
    return {}


class Folder:
    def __init__(self, root):
        self.root = root

    def text(self, name):
        with open(os.path.join(self.root, name)) as file:  # finds: FH442
            return file.read()

    def size(self, name):
        return os.listdir(os.path.join(self.root, name))  # finds: FH442


class Text(MethodView):
    def __init__(self, folder):
        self.folder = folder

    def get(self, name):
        return {"text": self.folder.text(name)}


class Size(Resource):
    def __init__(self, **parts):
        self.folder = parts["folder"]

    def get(self, name):
        return {"size": len(self.folder.size(name))}


def create():
    folder = Folder("kept")
    app.add_url_rule("/text/<path:name>", view_func=Text.as_view("text", folder))
    api = Api(app)
    api.add_resource(Size, "/size/<path:name>", resource_class_kwargs={"folder": folder})
    return app
