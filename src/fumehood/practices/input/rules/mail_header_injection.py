from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class MailHeaderInjection(Rule, FlowCheck, SinkCheck):
    """A visitor writes headers of a mail.

    ## What it finds

    Text of the request in the head of a message that is put together as text and sent by `smtplib`. Flask's own `response.headers` and
    `EmailMessage` refuse line breaks and are not reported.

    ## Why it is bad

    A line break begins a header of the visitor's own: `Bcc:` makes the form a sender of spam, an empty line begins a text of their own.

    ## Example

    ```python
    import smtplib

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/contact")
    def contact():
        message = f"Subject: {request.form['subject']}\\n\\n{request.form['text']}"
        smtplib.SMTP("localhost").sendmail("web@lab.example", "staff@lab.example", message)
        return "sent"
    ```

    ## Use instead

    ```python
    import smtplib
    from email.message import EmailMessage

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/contact")
    def contact():
        message = EmailMessage()
        message["Subject"] = request.form["subject"]
        message.set_content(request.form["text"])
        smtplib.SMTP("localhost").send_message(message, "web@lab.example", "staff@lab.example")
        return "sent"
    ```

    ## References

    - [CWE-93: Improper Neutralization of CRLF Sequences](https://cwe.mitre.org/data/definitions/93.html)
    - [OWASP: Testing for IMAP and SMTP injection](https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/07-Input_Validation_Testing/10-Testing_for_IMAP_SMTP_Injection)
    """

    id = "FH472"
    name = "mail-header-injection"
    severity = Severity.MEDIUM
    cwe = 93
    asvs = ("v5.0.0-1.3.11",)
    sinks = ("header",)
    sink = ("mail",)
    probes = ("fh\r\nBcc: fh@fumehood-audit.example", "fh\nBcc: fh@fumehood-audit.example")
    message = "{source} becomes part of a header in {sink}, line breaks included"
    fix = "Build messages with email.message.EmailMessage: it refuses line breaks in headers."
