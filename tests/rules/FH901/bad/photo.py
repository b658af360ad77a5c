from flask import Flask, request

app = Flask(__name__)


@app.route("/upload", methods=["GET", "POST"])
def upload():  # finds: FH901
    if request.method == "POST":
        request.files["file"].save("/tmp/upload")
    return "<form method=post enctype=multipart/form-data><input type=file name=file></form>"
