from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = "zq7#pw2"  # finds: FH202
