from flask import Flask

app = Flask(__name__)
app.config.from_mapping(PROPAGATE_EXCEPTIONS=True)  # finds: FH1002


@app.get("/")
def index():
    return "hello"
