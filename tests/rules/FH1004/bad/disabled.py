# finds: FH1004
from flask import Flask

app = Flask(__name__)
app.logger.disabled = True
