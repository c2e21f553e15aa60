PAGE = {"Referer": "https://school.example/teachers/marks"}


def mark_of(pupil):
    return sql("SELECT mark FROM marks WHERE pupil = ?", (pupil,))[0]["mark"]


@test("a teacher corrects a mark")
def _():
    res = request(app, "PUT", "/marks/1", user=1, body={"mark": 3}, headers=PAGE)
    assert_equal(res.status, 200, "status")
    assert_equal(res.json, {"changed": 1})
    assert_equal(mark_of("Tim"), 3, "Tim's mark")


@test("another teacher may correct as well")
def _():
    assert_equal(request(app, "PUT", "/marks/3", user=4, body={"mark": 1}, headers=PAGE).status, 200, "status")
    assert_equal(mark_of("Ilir"), 1, "Ilir's mark")


@test("a teacher is told when there is no such mark")
def _():
    assert_equal(request(app, "PUT", "/marks/99", user=1, body={"mark": 3}, headers=PAGE).status, 404, "status")


@test("a teacher lists and adds marks")
def _():
    assert_equal(request(app, "GET", "/marks", user=1).json, [[1, "Tim", 4], [2, "Nadia", 1], [3, "Ilir", 2]])
    assert_equal(request(app, "POST", "/marks", user=1, body={"pupil": "Mei", "mark": 2}).status, 201, "adding")


@test("pupils and strangers still cannot list or add")
def _():
    assert_equal(request(app, "GET", "/marks", user=2).status, 403, "a pupil lists")
    assert_equal(request(app, "GET", "/marks").status, 401, "a stranger lists")
    assert_equal(request(app, "POST", "/marks", user=2, body={"pupil": "Tim", "mark": 1}).status, 403, "a pupil adds")


@test("everyone may read the timetable")
def _():
    assert_equal(request(app, "GET", "/timetable").json, {"monday": ["mathematics", "sports"]})
