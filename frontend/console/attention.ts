/** Ways to call a counselor back to the page: sound, the window's title, a system notification. Never what was said. */
import { Bell, type Sound } from "./ring";
import type { Settings } from "./settings";
import { t } from "./words";

const RING_EVERY_MS = 3_000;
const FLASH_EVERY_MS = 1_000;

export class Attention {
  readonly bell = new Bell();
  private ringTimer: ReturnType<typeof setInterval> | null = null;
  private flashTimer: ReturnType<typeof setInterval> | null = null;
  private notice: Notification | null = null;

  constructor(private readonly settings: Settings) {}

  /** One sound, where sound is wanted. */
  sound(sound: Sound): void {
    if (this.settings.sound) this.bell.play(sound);
  }

  /** Ring until `hush`; a louder reason takes the place of a quieter one. */
  ring(sound: Sound): void {
    this.hush();
    this.sound(sound);
    this.ringTimer = setInterval(() => this.sound(sound), RING_EVERY_MS);
    let lit = false;
    this.flashTimer = setInterval(() => {
      lit = !lit;
      document.title = lit ? t("offer.title.flash") : t("title");
    }, FLASH_EVERY_MS);
    this.notify();
  }

  /** Nothing rings any more. */
  hush(): void {
    if (this.ringTimer) clearInterval(this.ringTimer);
    if (this.flashTimer) clearInterval(this.flashTimer);
    this.ringTimer = this.flashTimer = null;
    this.notice?.close();
    this.notice = null;
    document.title = t("title");
  }

  private notify(): void {
    if (!this.settings.notify || typeof Notification === "undefined" || Notification.permission !== "granted") return;
    if (document.visibilityState === "visible" && document.hasFocus()) return;
    try {
      this.notice = new Notification(t("offer.notify"), { tag: "xinqiao.offer", silent: true });
      this.notice.onclick = () => window.focus();
    } catch {
      // Phones allow notifications from a service worker only; the other ways remain.
    }
  }
}

/** Ask the browser for leave to notify; true when granted. */
export async function mayNotify(): Promise<boolean> {
  if (typeof Notification === "undefined") return false;
  return (await Notification.requestPermission()) === "granted";
}
