# engine: code
from flask import Flask, render_template
from library import person

app = Flask(__name__)


@app.get("/<int:number>")
def show(number):
    return render_template("person.html", person=person(number))
