/** Quick exit: the page is empty before anything else happens, then it is another page, and Back does not return. */
import { composing } from "../shared/compose";
import { closing } from "./door";
import { forgetContact } from "./entry";

const TIMES = 3;
const WITHIN_MS = 2_000;
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

/** Esc three times within two seconds leaves; an input method's Esc does not count. Returns how to stop listening. */
export function listenForEscape(leave: () => void): () => void {
  let presses: number[] = [];
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (composing(event)) {
      presses = [];
      return;
    }
    presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
    if (presses.length >= TIMES) leave();
  };
  window.addEventListener("keydown", press, true);
  return () => window.removeEventListener("keydown", press, true);
}
