# finds: FH705
from flask import Flask

app = Flask(__name__)
