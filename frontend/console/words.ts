/** The console's dictionary, ready to use. */
import { dictionary } from "../shared/i18n";
import { en as besideEn } from "./locales/beside.en";
import { zh as besideZh } from "./locales/beside.zh-Hans";
import { en } from "./locales/en";
import { zh } from "./locales/zh-Hans";

const all = { ...zh, ...besideZh } as const;
export const t = dictionary(all, { ...en, ...besideEn });
export type Key = keyof typeof all;

/** The word for a key that is put together from data; `otherwise` where the dictionary has none. */
export function word(key: string, otherwise: string): string {
  return key in all ? t(key as Key) : otherwise;
}
