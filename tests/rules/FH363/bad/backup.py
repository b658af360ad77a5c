# engine: code
"""Copies the night's backup away."""

import paramiko


def copy(path):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy)  # finds: FH363
    client.connect("backup.internal", username="robot")
    client.open_sftp().put(path, path)
