"""The desk under every order of events, and the plain stories it is for."""

from hypothesis import settings

from tests.queueing.domain.desk_machine import DeskMachine

TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
