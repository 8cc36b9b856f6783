/** Words at the door, in English. */
import type { zh } from "./door.zh-Hans";

export const en: Record<keyof typeof zh, string> = {
  "page.title": "Staff services",
  "page.news": "(new) Staff services",

  brand: "Xinqiao",
  "brand.what": "Workers' support line",

  "leave.now": "Leave quickly",
  "leave.hint": "Pressing Esc three times leaves as well",

  "landing.title": "Somebody is here to listen",
  "landing.title.closed": "Nobody is on duty now, and still you need not carry it alone",
  "landing.lead": "Tired, worn down, at the end of your strength: you can talk about it here. No name, no cost, and your employer is not told.",
  "landing.checking": "Looking whether somebody is on duty…",
  "landing.open": "Open now, until {time} today",
  "landing.open.plain": "Open now",
  "landing.ending": "No new conversations today; those under way go on",
  "landing.closed": "Closed right now",
  "landing.next": "Opens next: {when}",
  "landing.next.unknown": "The next opening is not announced yet",
  "landing.today": "Hours today: {spans}",
  "landing.today.all": "Open all day today",
  "landing.today.none": "No opening hours today",
  "landing.start": "Start talking",
  "landing.start.closed": "Write down what is on your mind",
  "landing.closed.hint": "What you write now is kept encrypted, and a counselor can read it when they are back. If you are in pain or in danger now, please do not wait: call one of the numbers above.",
  "landing.lines": "Choose a service",
  "landing.how.1": "Read a short note first",
  "landing.how.2": "Answer two small questions, or skip them",
  "landing.how.3": "Write with a counselor, one to one",
  "landing.gone": "Your earlier conversation is over. You can start again whenever you need.",
  "landing.danger": "In danger now? Call first",

  "offline.title": "No connection right now",
  "offline.lead": "It may be the signal, or a problem on our side. This page comes back by itself.",
  "offline.phone": "The phone needs no internet. You can call now:",
  "offline.retry": "Try again",
  "offline.reload": "The page must be reloaded to go on. Everything you have sent is kept.",
  "offline.reload.do": "Reload",

  "notice.title": "Before we start",

  "promise.who.title": "Who you are talking to",
  "promise.who": "A trained counselor or peer supporter: a person, not a robot. They are not doctors, make no diagnosis and prescribe nothing.",
  "promise.anonymous.title": "You need not say who you are",
  "promise.anonymous": "No name, no employer, no phone number. How much you tell is up to you.",
  "promise.kept.title": "What happens to your words",
  "promise.kept": "They are kept encrypted. Only your counselor and the responsible supervisor can read them, and every look is recorded. Your employer cannot. When the fixed period is over they are erased for good.",
  "promise.limit.title": "When we cannot keep a secret",
  "promise.limit": "Only if your life or somebody else's is in danger, or the law demands it, do we call those who can help, such as 110 or 120. Wherever possible we tell you first.",
  "promise.shared.title": "If you share this phone",
  "promise.shared": "Press “Leave quickly” at the top right when you are done; this page leaves no conversation on the phone.",

  "notice.agree": "I understand, go on",
  "notice.not_now": "Not now",
  "notice.urgent": "It is urgent: skip this and start",
  "notice.starting": "Connecting…",
  "notice.failed": "That did not work. Please try again; if it is urgent, call one of the numbers above.",
};
