from django.db import DatabaseError, connection

from rooms import live


def test_all_is_well(alice, bob, charlie, stranger_client):
    response = stranger_client.get("/health/")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_failing_layer_is_told(db, stranger_client, monkeypatch):
    monkeypatch.setattr(live, "is_degraded", lambda: True)

    response = stranger_client.get("/health/")

    assert (response.status_code, response.json()) == (200, {"status": "degraded"})


def test_a_failing_database_is_down(db, stranger_client, monkeypatch):
    def fail():
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        response = stranger_client.get("/health/")

    assert (response.status_code, response.json()) == (503, {"status": "down"})


def test_nobody_is_remembered(db, stranger_client):
    response = stranger_client.get("/health/")

    assert response.cookies == {}
    assert response["Cache-Control"].split(", ").count("no-store") == 1
