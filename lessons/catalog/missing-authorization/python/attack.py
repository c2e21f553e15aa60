# Whether an attack worked is asked of the database, not of the answer: a program may say no and do it all the same.
TEACHERS_PAGE = "https://school.example/teachers/marks"


def changes(url, mark, **options):
    before = {row["pupil"]: row["mark"] for row in sql("SELECT * FROM marks")}
    options.setdefault("body", {"mark": mark})
    request(app, "PUT", url, **options)
    after = {row["pupil"]: row["mark"] for row in sql("SELECT * FROM marks")}
    changed = [f"{pupil}'s mark is now {after[pupil]} instead of {before[pupil]}" for pupil in before if before[pupil] != after[pupil]]
    return breached(changed, "; ".join(changed))


@attack("somebody who never logged in", input='PUT /marks/2 {"mark": 6}')
def _():
    return changes("/marks/2", 6)


@attack("a pupil changes his own mark", input='PUT /marks/1 {"mark": 1}, logged in as the pupil Tim')
def _():
    return changes("/marks/1", 1, user=2)


@attack("a pupil changes the mark of somebody else", input='PUT /marks/2 {"mark": 6}, logged in as the pupil Tim')
def _():
    return changes("/marks/2", 6, user=2)


@attack("a stranger claims to be a teacher: in the address, in the body, in a header, in a cookie", input='PUT /marks/1?role=teacher {"mark": 1, "role": "teacher"}')
def _():
    body = {"mark": 1, "role": "teacher", "user_id": 1, "teacher": True}
    headers = {"X-Role": "teacher", "X-User-Role": "teacher", "X-User-Id": "1", "Referer": TEACHERS_PAGE, "Origin": "https://school.example"}
    return changes("/marks/1?role=teacher&user_id=1", 1, body=body, headers=headers, cookies={"role": "teacher"})


@attack("a pupil borrows the address of the teachers' page", input=f"Referer: {TEACHERS_PAGE}, logged in as the pupil Tim")
def _():
    return changes("/marks/1", 1, user=2, headers={"Referer": TEACHERS_PAGE})


@attack("the account was deleted, the cookie is still there", input='PUT /marks/1 {"mark": 1}, with the session of user 77')
def _():
    return changes("/marks/1", 1, user=77)
