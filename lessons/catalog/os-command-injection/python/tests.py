from urllib.parse import quote


def ping(host):
    return request(app, "GET", "/ping?host=" + quote(host))


@test("a device that is on answers")
def _():
    res = ping("projector-3.hall.example")
    assert_equal(res.json["reachable"], True, "reachable")
    check("1 received" in res.json["output"], "the help desk sees what ping says")


@test("a device can be named by its address")
def _():
    assert_equal(ping("10.0.3.27").json["reachable"], True, "reachable")


@test("a device that is off does not answer")
def _():
    assert_equal(ping("camera-1.hall.example").json["reachable"], False, "reachable")


@test("a device that does not exist does not answer")
def _():
    res = ping("projector-99.hall.example")
    check(res.status == 400 or (res.json or {}).get("reachable") is False, "it is neither reachable nor a crash")


@test("a name with many hyphens is fine")
def _():
    assert_equal(ping("alarm-panel-7.hall.example").json["reachable"], True, "reachable")


@test("ping is really asked, once for each request")
def _():
    ping("projector-3.hall.example")
    started = [process for process in processes if process["file"].endswith("ping")]
    assert_equal(len(started), 1, "times that ping was started")
    assert_equal(started[0]["args"][-1], "projector-3.hall.example", "what ping was asked")


@test("without a device there is a clear answer")
def _():
    assert_equal(request(app, "GET", "/ping").status, 400, "status")


@test("the technician on call is there")
def _():
    assert_equal(request(app, "GET", "/on-call").json, {"technician": "D. Marin", "phone": "5512"})
