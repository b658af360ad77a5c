from access_site import mails, make, site

__all__ = ["mails", "make", "site"]
