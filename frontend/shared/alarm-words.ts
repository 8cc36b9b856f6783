/** The dictionary of escalations, for every page of the staff. */
import { dictionary } from "./i18n";
import { en } from "./locales/alarm.en";
import { zh } from "./locales/alarm.zh-Hans";

export const t = dictionary(zh, en);
export type AlarmKey = keyof typeof zh;
