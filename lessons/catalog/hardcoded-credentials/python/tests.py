@test("a doctor fetches the result of a sample")
def _():
    res = request(app, "GET", "/results/S-1001")
    assert_equal(res.status, 200, "status")
    assert_equal(res.json, {"sample": "S-1001", "value": "HbA1c 6.1 %"})


@test("another sample has another result")
def _():
    assert_equal(request(app, "GET", "/results/S-1003").json, {"sample": "S-1003", "value": "haemoglobin 13.2 g/dl"})


@test("a sample that does not exist gives 404")
def _():
    assert_equal(request(app, "GET", "/results/S-9999").status, 404, "status")


@test("the opening hours are there")
def _():
    assert_equal(request(app, "GET", "/opening-hours").json, {"weekdays": "7:00 to 16:00"})


# At the second laboratory the operators have set another password; they are not asked to change the program.
@test("the program also runs at the second laboratory, which has a password of its own", environment={"DB_HOST": "db.lab2.example", "DB_PASSWORD": "dunlin-6642-Maple-weir"})
def _():
    assert_equal(request(app, "GET", "/results/S-1002").json, {"sample": "S-1002", "value": "HIV test: negative"})
