from flask import Flask

app = Flask(__name__)
app.config["SECURITY_RETURN_GENERIC_RESPONSES"] = True
