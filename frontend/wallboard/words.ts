/** The wallboard's dictionary, ready to use. */
import { dictionary } from "../shared/i18n";
import { en } from "./locales/en";
import { en as steerEn } from "./locales/steer.en";
import { zh as steerZh } from "./locales/steer.zh-Hans";
import { zh } from "./locales/zh-Hans";

const all = { ...zh, ...steerZh } as const;
export const t = dictionary(all, { ...en, ...steerEn });
export type Word = keyof typeof all;

/** The word for a key that is put together from data; `otherwise` where the dictionary has none. */
export function word(key: string, otherwise: string, blanks: Record<string, string | number> = {}): string {
  return key in all ? t(key as Word, blanks) : otherwise;
}
