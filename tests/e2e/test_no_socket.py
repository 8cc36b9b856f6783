"""A network that lets no WebSocket through: the talk goes on by requests, a little slower."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import House
from tests.e2e.people import answer_intake, come_in, go_on_duty, say, sees, take_offer

pytestmark = pytest.mark.browser

NO_SOCKETS = """
window.WebSocket = class {
  static OPEN = 1;
  readyState = 0;
  constructor() { setTimeout(() => this.onclose && this.onclose({code: 1006}), 5); }
  send() {}
  close() {}
};
"""


@pytest.mark.promise("R1")
def test_a_worker_behind_a_proxy_that_swallows_sockets_is_heard_and_answered(
    browser: Browser, open_house: House
) -> None:
    counselor = open_house.staff(browser, "chen", "/console/")
    go_on_duty(counselor)
    visitor = open_house.page(browser, phone=True)
    visitor.add_init_script(NO_SOCKETS)
    come_in(visitor, open_house.url)
    answer_intake(visitor)
    visitor.get_by_role("button", name="好了，找咨询员").click()
    take_offer(counselor)
    say(visitor, "厂里的网只能这样上。")
    sees(counselor, "厂里的网只能这样上。")
    say(counselor, "收到了，我在。")
    sees(visitor, "收到了，我在。")
    visitor.reload()
    sees(visitor, "厂里的网只能这样上。")
    say(visitor, "还在的。")
    sees(counselor, "还在的。")
    counselor.get_by_role("button", name="离岗").click()
    counselor.context.close()
    visitor.context.close()
