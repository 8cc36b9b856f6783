/** Quick exit: the page is empty before anything else happens, then it is another page, and Back does not return. */
import { closing } from "./door";
import { forgetContact } from "./entry";

const FALLBACK = "https://www.weather.com.cn/";

interface WeChat {
  WeixinJSBridge?: { call(name: string): void };
}

export function leaveNow(): void {
  const target = document.documentElement.dataset.leaveTo ?? FALLBACK;
  try {
    document.body.textContent = "";
    document.title = "\u200b";
    closing.now();
    void forgetContact();
    sessionStorage.clear();
    localStorage.clear();
  } catch {
    // Storage may be forbidden; then nothing is in it either. Whatever happens, the page goes.
  }
  location.replace(target);
  (window as WeChat).WeixinJSBridge?.call("closeWindow");
}

export { listenForEscape } from "../shared/escape";
