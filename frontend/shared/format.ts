/** Dates and times as people say them, in the line's own time zone (China has one). */
import type { Language } from "./i18n";
import type { Instant } from "./protocol";

const ZONE = "Asia/Shanghai";
const DAY_MS = 86_400_000;
const made = new Map<string, Intl.DateTimeFormat>();

function formatter(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const known = made.get(key) ?? new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", { timeZone: ZONE, ...options });
  made.set(key, known);
  return known;
}

/** `23:40`. */
export function clockTime(at: Instant | number, language: Language): string {
  return formatter(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** `2026-11-21`, the civil day in the line's zone. */
export function civilDay(at: Instant | number): string {
  return formatter("en", { year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at)).split("/").reverse().join("-");
}

/** Whole civil days from now: 0 today, 1 tomorrow, -1 yesterday. */
export function daysFrom(now: number, at: Instant | number): number {
  return Math.round((Date.parse(civilDay(at)) - Date.parse(civilDay(now))) / DAY_MS);
}

/** `11月22日 星期日` or `Sunday 22 November`. */
export function dayInWords(at: Instant | number, language: Language): string {
  const date = formatter(language, { month: "long", day: "numeric", weekday: "long" }).formatToParts(new Date(at));
  const part = (type: string) => date.find((each) => each.type === type)?.value ?? "";
  if (language === "en") return `${part("weekday")} ${part("day")} ${part("month")}`;
  return `${part("month").replace(/月$/, "")}月${part("day").replace(/日$/, "")}日 ${part("weekday")}`;
}

/** `今天 10:00`, `明天 10:00（11月22日 星期日）`, `tomorrow at 10:00 (Sunday 22 November)`. */
export function momentInWords(at: Instant | number, now: number, language: Language): string {
  const time = clockTime(at, language);
  const day = dayInWords(at, language);
  const near = daysFrom(now, at);
  if (language === "en") {
    if (near === 0) return `today at ${time}`;
    return near === 1 ? `tomorrow at ${time} (${day})` : `${day} at ${time}`;
  }
  if (near === 0) return `今天 ${time}`;
  return near === 1 ? `明天 ${time}（${day}）` : `${day} ${time}`;
}

/** A clock that closes a day is `24:00`, not the next day's `00:00`. */
export function closingTime(at: Instant | number, language: Language): string {
  const time = clockTime(at, language);
  return time === "00:00" ? "24:00" : time;
}

/** `3:05` or `1:02:03` from seconds, for counting durations. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
