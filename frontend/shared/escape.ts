/** Esc three times is the way out by keyboard; Shift would collide with Chinese input methods. */
import { composing } from "./compose";

const TIMES = 3;
const WITHIN_MS = 2_000;

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
