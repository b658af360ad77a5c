"""Parts that Flask-Security lets one replace: how it judges passwords and how it sends mail."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from flask_security import MailUtil, PasswordUtil

from fumehood.practices.interface import installed
from fumehood.practices.passwords.hashing import normalized

__all__ = ["HoodMail", "HoodPasswords", "context_of"]


class HoodPasswords(PasswordUtil):
    """Judges new passwords by the hood's policy."""

    def normalize(self, password: str) -> str:
        return normalized(password)

    def validate(self, password: str, is_register: bool, **about: Any) -> tuple[list[str] | None, str]:
        from fumehood.practices.passwords.guard import password_problems

        wrong = password_problems(password, *context_of(about.get("user"), about))
        return wrong or None, normalized(password)


class HoodMail(MailUtil):
    """Hands Flask-Security's mail to the hood's mailer."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **_context: Any,
    ) -> None:
        message = EmailMessage()
        message["Subject"] = str(subject)
        message["From"] = str(sender)
        message["To"] = str(recipient)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
        message.set_content(body or "")
        if html:
            message.add_alternative(html, subtype="html")
        installed().mailer(message)


def context_of(account: Any, fields: dict[str, Any] | None = None) -> list[str]:
    """Return the words that belong to a person: what their account, or the form that makes it, says about them."""
    words = [value for key, value in (fields or {}).items() if isinstance(value, str) and key != "password"]
    for name in ("email", "username", "name", "first_name", "last_name"):
        value = getattr(account, name, None)
        if isinstance(value, str):
            words.append(value)
    return words
