from flask import Flask

app = Flask(__name__)
GOODS = ["hat", "coat"]


@app.get("/goods/")
def goods():
    links = "".join(f'<li><a href="/goods/{name}">{name}</a>' for name in GOODS)
    return f"<!doctype html><title>Index of goods</title><h1>All goods</h1><ul>{links}</ul><p><a href='..'>up</a>"
