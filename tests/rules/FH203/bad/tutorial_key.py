from flask import Flask, session

app = Flask(__name__)
app.config.from_mapping(
    SECRET_KEY="dev",  # finds: FH203
    DATABASE="notes.sqlite",
)


@app.get("/")
def index():
    return session.get("name", "nobody")
