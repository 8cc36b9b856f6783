/** The dictionary within a contact. */
import { dictionary } from "../shared/i18n";
import { en } from "./locales/room.en";
import { zh } from "./locales/room.zh-Hans";

export const t = dictionary(zh, en);
