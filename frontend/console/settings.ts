/** What a counselor has set for this browser; staff machines may remember it, and it holds nothing about anybody. */
import { reactive, watch } from "vue";

export interface Settings {
  sound: boolean;
  notify: boolean;
  keys: boolean;
  slots: number;
  /** Agrees to one text more for somebody in imminent danger. */
  burst: boolean;
}

const KEY = "xinqiao.console";
const DEFAULT: Settings = { sound: true, notify: false, keys: true, slots: 2, burst: false };

/** Read settings as they were stored; whatever cannot be read counts as not set. */
export function read(stored: string | null): Settings {
  try {
    const { sound, notify, keys, slots, burst } = JSON.parse(stored ?? "{}") as Partial<Settings>;
    return {
      sound: typeof sound === "boolean" ? sound : DEFAULT.sound,
      notify: typeof notify === "boolean" ? notify : DEFAULT.notify,
      keys: typeof keys === "boolean" ? keys : DEFAULT.keys,
      slots: typeof slots === "number" && [1, 2, 3, 4].includes(slots) ? slots : DEFAULT.slots,
      burst: burst === true,
    };
  } catch {
    return { ...DEFAULT };
  }
}

/** The settings of this browser, kept as they change. */
export function remembered(): Settings {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // Storage is switched off: the settings live as long as the page.
  }
  const settings = reactive(read(stored));
  watch(settings, (now) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(now));
    } catch {
      // As above.
    }
  });
  return settings;
}
