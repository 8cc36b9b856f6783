/** The dictionary of what is open beside a talk: crisis, referral, follow-up. */
import { dictionary } from "../shared/i18n";
import { en as alarmEn } from "../shared/locales/alarm.en";
import { zh as alarmZh } from "../shared/locales/alarm.zh-Hans";
import { en as crisisEn } from "./locales/crisis.en";
import { zh as crisisZh } from "./locales/crisis.zh-Hans";
import { en as followEn } from "./locales/follow.en";
import { zh as followZh } from "./locales/follow.zh-Hans";
import { en as referEn } from "./locales/refer.en";
import { zh as referZh } from "./locales/refer.zh-Hans";

const all = { ...alarmZh, ...crisisZh, ...referZh, ...followZh } as const;
export const t = dictionary(all, { ...alarmEn, ...crisisEn, ...referEn, ...followEn });
export type DutyKey = keyof typeof all;
