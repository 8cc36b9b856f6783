/** The dictionary of the door. */
import { dictionary } from "../shared/i18n";
import { en } from "./locales/door.en";
import { zh } from "./locales/door.zh-Hans";

export const t = dictionary(zh, en);
