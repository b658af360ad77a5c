# engine: code
from socket import socket

listener = socket()
listener.bind(("0.0.0.0", 8000))  # finds: FH362
