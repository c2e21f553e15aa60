# Everybody who can read the repository: a colleague who has left, a contractor, whoever finds the laptop, and, on the
# day somebody clicks "make public", everybody.
import binascii
import re


def opens(password):
    return database_login("results", password)


def quoted():
    texts = files.repository().values()
    return [found[1] for text in texts for found in re.findall(r"""(['"])((?:\\.|(?!\1)[^\\\n])*)\1""", text)]


def spellings(text):
    yield text
    yield text[::-1]
    for decode in (decode_base64, lambda text: bytes.fromhex(text).decode()):
        try:
            yield decode(text)
        except (ValueError, binascii.Error):
            pass


@attack("reads the source and tries every text in quotes as the password", input='git clone …; grep -r "password" .')
def _():
    found = next((text for text in quoted() if opens(text)), None)
    return breached(found, f"into the database of the laboratory with the password {found}")


@attack("takes apart what looks encoded: Base64, hexadecimal, backwards", input="echo UGxvdmVy… | base64 -d")
def _():
    found = next((text for part in quoted() for text in spellings(part) if opens(text)), None)
    return breached(found, f"into the database with the password {found}")


@attack("starts the program on an own laptop and watches with which password it logs in", input="git clone …; flask run", environment={})
def _():
    for method, path in routes():
        request(app, method, re.sub(r"<[^>]*>", "S-1002", path))
    used = next((login for login in logins if database_login(login["user"], login["password"])), None)
    return breached(used, used and f"the program itself hands over {used['user']} and {used['password']}")


@attack("starts it with the host set only, as the README says", input="DB_HOST=db.lab.example flask run", environment={"DB_HOST": "db.lab.example", "FLASK_ENV": "development"})
def _():
    res = request(app, "GET", "/results/S-1002")
    return breached(res.status == 200, f"somebody's result: {res.body.strip()}")
