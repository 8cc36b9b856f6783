/** The dictionary of the visitor's voice. */
import { dictionary } from "../shared/i18n";
import { en } from "./locales/voice.en";
import { zh } from "./locales/voice.zh-Hans";

export const t = dictionary(zh, en);
