/** The dictionary of calls at the console. */
import { dictionary } from "../shared/i18n";
import { en } from "./locales/voice.en";
import { zh } from "./locales/voice.zh-Hans";

export const t = dictionary(zh, en);
