# engine: code
"""Copies the night's backup to a host that it knows."""

import paramiko


def copy(path):
    client = paramiko.SSHClient()
    client.load_host_keys("/etc/backup/known_hosts")
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect("backup.internal", username="robot")
    client.open_sftp().put(path, path)
