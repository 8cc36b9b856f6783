"""How the arms' frames are read: what counts as acknowledged, as shown, and as asked to come again."""

from bench.text.ejabberd import XmppLine
from bench.text.ours import OurLine
from bench.text.pairs import Heard, id_of
from bench.text.tutorial import TutorialLine


def test_a_message_carries_its_id_in_its_words() -> None:
    assert id_of("今天又加班~r1-12") == "r1-12"


def test_ours_acknowledges_shows_and_asks_to_come_again() -> None:
    line = OurLine("abc")
    assert line.read('{"op":"ack","id":"x-1","seq":4}') == (Heard("ack", "x-1"),)
    shown = '{"op":"event","feed":"session.abc","seq":4,"event":{"type":"message.posted","text":"好~x-1"}}'
    assert line.read(shown) == (Heard("shown", "x-1"),)
    assert line.read(shown.replace("session.abc", "session.other")) == ()
    assert line.read('{"op":"refused","id":"x-1","code":"too_fast","retry_ms":50}') == (Heard("later", "x-1", 0.05),)


def test_the_tutorial_acknowledges_and_shows() -> None:
    line = TutorialLine()
    assert line.read('{"ack":"r1-1"}') == (Heard("ack", "r1-1"),)
    assert line.read('{"author":"a","text":"好~r1-1"}') == (Heard("shown", "r1-1"),)


def test_ejabberd_acknowledges_all_stanzas_up_to_a_number() -> None:
    line = XmppLine("b1")
    for number in (1, 2, 3):
        line.spell(f"x-{number}", "好")
    assert line.read("<a xmlns='urn:xmpp:sm:3' h='2'/>") == [Heard("ack", "x-1"), Heard("ack", "x-2")]
    assert line.read("<a h='3' xmlns='urn:xmpp:sm:3'/>") == [Heard("ack", "x-3")]
    assert line.read("<message to='a'><body>好~x-9</body></message>") == (Heard("shown", "x-9"),)
    assert line.read("<r xmlns='urn:xmpp:sm:3'/>") == (Heard("reply", "<a xmlns='urn:xmpp:sm:3' h='1'/>"),)
