"""What people may do in the laboratory.

The role is the ceiling, a share is the door: a reader stays a reader on a note that was shared with them for writing, until an
administrator makes them an editor. Administrators manage people; they do not read private notes.
"""

from __future__ import annotations

__all__ = ["ADMIN", "EDITOR", "PERMISSIONS", "READER", "ROLES"]

READER, EDITOR, ADMIN = "reader", "editor", "admin"

_READ = ("notes:read", "comments:write")
_WRITE = (*_READ, "notes:write")
_ADMINISTER = (*_WRITE, "people:manage", "journal:read")

# Each role: what the people page says of it, and its permissions.
ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    READER: ("Reads and comments on notes of the lab and notes shared with them.", _READ),
    EDITOR: ("Writes notes, attaches files and shares; also all that readers may do.", _WRITE),
    ADMIN: ("Manages people and reads the journal; also all that editors may do.", _ADMINISTER),
}

# What an API token may be given, with the words for it.
PERMISSIONS = {
    "notes:read": "Read notes",
    "notes:write": "Write, change and delete notes",
}
