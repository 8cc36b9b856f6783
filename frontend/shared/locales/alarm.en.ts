/** Words of escalations as everybody on duty sees them, in English. */
import type { zh } from "./alarm.zh-Hans";

export const en: Record<keyof typeof zh, string> = {
  "alarm.title": "Urgent · nobody has it",
  "alarm.taken": "Urgent · {name} has it",
  "alarm.cause.imminent": "Immediate danger",
  "alarm.cause.visitor_key": "Visitor pressed “I need somebody now”",
  "alarm.cause.support": "A colleague needs support",
  "alarm.cause.stranded": "Visitor in danger lost the connection",
  "alarm.cause.counselor_lost": "Visitor in danger lost the counselor",
  "alarm.cause.no_news": "No news for a long while",
  "alarm.number": "No. {n}",
  "alarm.since": "for {time}",
  "alarm.take": "I take it",
  "alarm.join": "Join the talk",
  "alarm.open": "Open",
};
