from urllib.parse import quote


def look_up(name):
    return dom(request(app, "GET", "/appointments?name=" + quote(name)))


@test("a client finds the time of her appointment")
def _():
    assert_equal(look_up("Amara Diallo").find("p").text, "Found: Monday 9:00")


@test("somebody without an appointment is told so")
def _():
    assert_equal(look_up("Nobody").find("p").text, "Found: none")


@test("the page says whose appointments these are")
def _():
    assert_equal(look_up("Amara Diallo").find("h1").text, "Appointments of Amara Diallo")


@test("the field keeps the name, so that it can be corrected")
def _():
    assert_equal(look_up("Amara Diallo").find("input").attributes["value"], "Amara Diallo")


@test("an apostrophe and an ampersand are found, and shown as they were typed")
def _():
    for name, time in (("Sinead O'Brien", "Monday 10:30"), ("Smith & Sons", "Tuesday 9:00")):
        page = look_up(name)
        assert_equal(page.find("h1").text, "Appointments of " + name)
        assert_equal(page.find("p").text, "Found: " + time)


@test("a name with angle brackets is found")
def _():
    assert_equal(look_up("Jean <Johnny> Petit").find("p").text, "Found: Tuesday 11:00")


@test("the page is a page")
def _():
    res = request(app, "GET", "/appointments?name=Nobody")
    assert_equal(res.status, 200, "status")
    check(res.headers["content-type"].startswith("text/html"), "a browser must take it for HTML")


@test("the list of topics is there")
def _():
    assert_equal(request(app, "GET", "/topics").json, ["custody", "residence permit", "tenancy", "unpaid wages"])
