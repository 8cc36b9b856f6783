/** The shared dictionary, ready to use. A page makes its own `t` from its own words beside it. */
import { dictionary } from "./i18n";
import { en } from "./locales/en";
import { zh } from "./locales/zh-Hans";

export const t = dictionary(zh, en);
