from urllib.parse import quote


def find(number):
    return request(app, "GET", "/cases?number=" + quote(number))


@test("a lawyer finds a public case by its number")
def _():
    res = find("1041")
    assert_equal(res.status, 200, "status")
    assert_equal(res.json, {"number": 1041, "title": "Okafor v. City of Hallberg", "judge": "Judge Lindqvist"})


@test("another number finds another case")
def _():
    assert_equal(find("1043").json, {"number": 1043, "title": "State v. Morel", "judge": "Judge Abara"})


@test("a number that no case has gives 404")
def _():
    assert_equal(find("9999").status, 404, "status")


@test("a sealed case stays sealed")
def _():
    assert_equal(find("1042").status, 404, "status")


@test("the list of judges is there")
def _():
    assert_equal(request(app, "GET", "/judges").json, ["Judge Abara", "Judge Lindqvist"])


@test("a case that was filed a minute ago is found")
def _():
    sql("INSERT INTO cases VALUES (2077, 'Jansen v. Harbour Board', 'Judge Abara', 0)")
    assert_equal(find("2077").json, {"number": 2077, "title": "Jansen v. Harbour Board", "judge": "Judge Abara"})
