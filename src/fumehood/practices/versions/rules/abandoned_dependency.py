from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import Project, ProjectCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class AbandonedDependency(Rule, ProjectCheck):
    """A dependency is no longer maintained.

    ## What it finds

    Packages whose maintainers have given them up, and that have a successor.

    ## Why it is bad

    Flaws that are found in them are not mended, and they hold Flask itself back at old versions.

    ## Example

    ```text
    # file: requirements.txt
    flask==3.1.3
    flask-uploads==0.2.1
    ```

    ## Use instead

    ```text
    # file: requirements.txt
    flask==3.1.3
    ```

    ## References

    - [CWE-1104: Use of Unmaintained Third Party Components](https://cwe.mitre.org/data/definitions/1104.html)
    - [Flask: extensions](https://flask.palletsprojects.com/en/stable/extensions/)
    """

    id = "FH105"
    name = "abandoned-dependency"
    severity = Severity.LOW
    cwe = 1104
    asvs = ("v5.0.0-15.1.4",)

    # What each of them is replaced by, as their own pages or their successors say.
    _GONE = {
        "flask-script": "Flask's own commands (flask --app)",
        "flask-uploads": "the hood's upload store, or code of a few lines",
        "flask-jwt": "Flask-JWT-Extended",
        "flask-oauth": "Authlib",
        "flask-oauthlib": "Authlib",
        "flask-sslify": "Fumehood or Flask-Talisman",
        "flask-security-too": "Flask-Security, which it is called again",
        "flask-kvsession": "Flask-Session",
        "flask-bootstrap": "Bootstrap-Flask",
        "flask-restful-swagger": "flask-smorest or APIFlask",
        "flask-restplus": "Flask-RESTX",
        "flask-mysql": "SQLAlchemy",
        "flask-misaka": "markdown-it-py with nh3",
        "pycrypto": "cryptography",
        "python-jose": "PyJWT or Authlib",
        "oauth2client": "google-auth",
        "sklearn": "scikit-learn",
        "nose": "pytest",
        "pyjwkest": "Authlib",
        "passlib": "argon2-cffi, or libpass",
    }

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        for item in project.requirements:
            successor = self._GONE.get(item.name)
            if successor:
                yield self.finding(
                    f"{item.name} is no longer maintained.",
                    location=item.location,
                    evidence=(Evidence("file", f"{item.location}: {item.location.code}"),),
                    fix=f"Use {successor}.",
                )
