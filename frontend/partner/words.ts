/** Words of the partner page. */
import { dictionary } from "../shared/i18n";

const zh = {
  "partner.title": "交接包",
  "partner.loading": "正在打开…",
  "partner.gone": "这个链接已经失效。如有疑问，请联系发出链接的职工心理服务热线。",
  "partner.down": "暂时打不开，请稍后再试。",
  "partner.lead": "{name}：以下内容经来访者本人同意转告，请只用于这次服务。",
  "partner.accept": "接收",
  "partner.decline": "暂不能接收",
  "partner.attended": "已到访",
  "partner.missed": "未到访",
  "partner.note": "给热线的话（例如可约的时间）",
  "partner.thanks": "已收到您的回复，谢谢。",
  "partner.later": "之后请再打开这个链接，告诉我们是否到访。",
  "partner.failed": "没有发出去，请再试一次。",
};

const en: Record<keyof typeof zh, string> = {
  "partner.title": "Referral packet",
  "partner.loading": "Opening…",
  "partner.gone": "This link is no longer valid. Please ask the hotline that sent it.",
  "partner.down": "It cannot be opened right now. Please try again later.",
  "partner.lead": "{name}: the person agreed that you are told the following, for this service only.",
  "partner.accept": "We take it",
  "partner.decline": "We cannot take it now",
  "partner.attended": "They came",
  "partner.missed": "They did not come",
  "partner.note": "A word to the hotline (a time, for instance)",
  "partner.thanks": "Thank you, your answer has arrived.",
  "partner.later": "Please open this link again later and tell us whether they came.",
  "partner.failed": "It was not sent. Please try again.",
};

export const t = dictionary(zh, en);
export type PartnerKey = keyof typeof zh;
