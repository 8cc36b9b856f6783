/** Who is beside a talk, and messages to all, as a desk shows them; twin of queueing/domain/{beside,notice}.py. */
import type { Company, DeskEvent, Notice } from "./protocol";

export type Notices = Readonly<Record<string, Notice>>;
type CompanyEvent = Extract<DeskEvent, { type: "contact.attended" | "consult.asked" | "consult.ended" }>;
type NoticeEvent = Extract<DeskEvent, { type: `notice.${string}` }>;

export const NO_COMPANY: Company = { present: {}, asked: null };
const KEPT_FOR_MS = 12 * 3_600_000;
const KEPT_AT_MOST = 3;

/** Everybody beside one talk after one more event. */
export function reduceCompany(company: Company, event: CompanyEvent): Company {
  switch (event.type) {
    case "consult.asked":
      return { ...company, asked: { to: event.to, until: event.until } };
    case "consult.ended":
      return { ...company, asked: null };
    case "contact.attended": {
      const { person, how, why, grade } = event;
      const { [person]: _gone, ...others } = company.present;
      const present = how === null ? others : { ...others, [person]: { how, why, grade } };
      return { present, asked: company.asked?.to === person ? null : company.asked };
    }
  }
}

/** The messages that matter to this shift after one more event. */
export function reduceNotices(notices: Notices, event: NoticeEvent): Record<string, Notice> {
  if (event.type === "notice.sent") {
    const { notice, person, text, at, told } = event;
    const kept = Object.values(notices).filter((each) => Date.parse(at) - Date.parse(each.at) < KEPT_FOR_MS);
    const fresh: Notice = { notice, person, text, at, told, read_by: [] };
    return Object.fromEntries([...kept.slice(-(KEPT_AT_MOST - 1)), fresh].map((each) => [each.notice, each]));
  }
  const known = notices[event.notice];
  return known ? { ...notices, [event.notice]: { ...known, read_by: [...known.read_by, event.person] } } : notices;
}
