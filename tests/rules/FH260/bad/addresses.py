# engine: code
import os

from flask import Flask
from pymongo import MongoClient

app = Flask(__name__)
app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "dev"))  # finds: FH260
events = MongoClient("mongodb://events:Qu4rz-kiln@mongo.internal/").events  # finds: FH260
