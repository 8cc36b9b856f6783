/** The wallboard's dictionary, ready to use. */
import { dictionary } from "../shared/i18n";
import { en } from "./locales/en";
import { zh } from "./locales/zh-Hans";

export const t = dictionary(zh, en);

/** The word for a key that is put together from data; `otherwise` where the dictionary has none. */
export function word(key: string, otherwise: string): string {
  return key in zh ? t(key as keyof typeof zh) : otherwise;
}
