"""Transactions of nice threads are done by another."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils import translation

from chatsite import prompt_thread
from chatsite.nice_threads import NICENESS, nice_threads
from chatsite.prompt_thread import promptly


@pytest.fixture
def nice():
    with nice_threads(1, "test") as executor:
        yield lambda function, *a, **k: executor.submit(function, *a, **k).result(5)


@promptly
def niceness():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@promptly
def refuse(reason):
    raise ValueError(reason)


def test_a_nice_thread_has_it_done_promptly(nice):
    usual = niceness()

    assert nice(niceness.__wrapped__) == usual + NICENESS
    assert nice(niceness) == usual


def test_others_do_it_themselves():
    assert promptly(threading.get_ident)() == threading.get_ident()


def test_it_fails_as_it_would_have(nice):
    with pytest.raises(ValueError, match="full"):
        nice(refuse, reason="full")


def test_it_is_done_although_the_program_ends(nice, monkeypatch):
    ended = ThreadPoolExecutor(1)
    ended.shutdown()
    monkeypatch.setattr(prompt_thread, "_thread", ended)

    assert nice(niceness) == NICENESS


def test_its_words_are_in_the_same_language(nice):
    def ask():
        with translation.override("id"):
            return promptly(translation.get_language)()

    assert nice(ask) == "id"
