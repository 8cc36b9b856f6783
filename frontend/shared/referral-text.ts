/** Which words a visitor agreed to when a referral was ticked; the hashes are of the lines below. */
import type { Language } from "./i18n";

export const REFERRAL_VERSION = "referral-2";
export const REFERRAL_TEXT: Record<Language, string> = {
  "zh-Hans": "咨询员可以把我勾选同意的内容转告这家机构，只用于这次帮助；我可以随时收回。",
  en: "My counselor may tell this partner what I ticked, for this help only; I may take it back at any time.",
};

/** SHA-256 of REFERRAL_TEXT. */
export const REFERRAL_HASH: Record<Language, string> = {
  "zh-Hans": "1b38437af0b6deb5c8c5a99c41a74a6c9c7e85bd726c5230eb129c1e243e1150",
  en: "604e4f9c063e303b2cba54c492d22778c5431f417e51dae404b9988958a2b723",
};
