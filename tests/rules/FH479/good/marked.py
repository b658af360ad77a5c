# engine: code
import json

from markupsafe import Markup, escape

TITLE = "Shop"


def shown(item):
    return Markup("<b>{}</b>").format(item.title)


def percent(item):
    return Markup("<b>%s</b>") % item.title


def escaped(item):
    return Markup(f"<b>{escape(item.title)}</b>")


def title():
    return Markup(f"<h1>{TITLE}</h1>")


def rendered(item):
    return Markup(item.render())


class View:
    formatters = dict(
        json=lambda view, context, model, name: Markup("<pre>{0}</pre>").format(json.dumps(model.json)),
    )


def told(template, elsewhere):
    message = Markup("Copied {}").format(template.title)
    if elsewhere:
        message += Markup(' (<a href="/templates">back</a>)')
    return Markup(message)
