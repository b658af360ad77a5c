from flask import Flask

app = Flask(__name__)
app.config.update(SECURITY_RETURN_GENERIC_RESPONSES=False)  # finds: FH605
