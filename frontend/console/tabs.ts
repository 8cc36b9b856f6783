/** The three columns, which are tabs on a phone. */
export const TABS = ["list", "talk", "assist"] as const;
export type Tab = (typeof TABS)[number];
