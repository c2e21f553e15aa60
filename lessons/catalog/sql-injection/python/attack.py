from urllib.parse import quote


def send(number):
    return request(app, "GET", "/cases?number=" + quote(number))


def sealed_title(res):
    titles = [row["title"] for row in sql("SELECT title FROM cases WHERE sealed = 1")]
    return next((title for title in titles if title in res.body), None)


@attack('no quote is needed: "or" stands next to a number', input="0 OR sealed = 1")
def _():
    # Where the number has been put in quotes, the attacker brings quotes as well.
    for number in ("0 OR sealed = 1", "0' OR sealed = '1"):
        title = sealed_title(send(number))
        if title:
            return breached(True, f"the title of a sealed case: {title}")
    return breached(False)


@attack("a second SELECT is glued on and reads another table", input="0 UNION SELECT 1, name, address FROM witnesses")
def _():
    res = send("0 UNION SELECT 1, name, address FROM witnesses")
    found = [row for row in sql("SELECT * FROM witnesses") if row["address"] in res.body]
    return breached(found, "; ".join(f"{row['name']} lives at {row['address']}" for row in found))


@attack("spaces, quotes and words in lower case are not needed either", input="0/**/uNiOn/**/sElEcT/**/1,name,address/**/FrOm/**/witnesses")
def _():
    res = send("0/**/uNiOn/**/sElEcT/**/1,name,address/**/FrOm/**/witnesses")
    found = [row for row in sql("SELECT * FROM witnesses") if row["address"] in res.body]
    return breached(found, "; ".join(f"{row['name']} lives at {row['address']}" for row in found))


@attack("a second statement follows the first", input="1041; UPDATE cases SET sealed = 0")
def _():
    send("1041; UPDATE cases SET sealed = 0")
    opened = 2 - len(sql("SELECT * FROM cases WHERE sealed = 1"))
    return breached(opened > 0, f"{opened} sealed cases opened to everyone, for good")


@attack("only yes-or-no answers are needed to read a secret digit by digit", input="1041 AND (SELECT substr(address,1,1) FROM witnesses)='1'")
def _():
    number = ""
    for place in (1, 2):
        for digit in "0123456789":
            if send(f"1041 AND (SELECT substr(address,{place},1) FROM witnesses WHERE name='R. S.')='{digit}'").status == 200:
                number += digit
                break
    return breached(number == "14", f"the house number of a protected witness, {number}, without ever seeing the table")
