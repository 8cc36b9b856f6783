/** The dictionary of calls, ready to use. */
import { dictionary } from "./i18n";
import { en } from "./locales/call.en";
import { zh } from "./locales/call.zh-Hans";

export const t = dictionary(zh, en);
