/** The numbers that stand on every screen, in every state. */
export const EMERGENCY = ["12356", "120", "110", "12351"] as const;
export type EmergencyNumber = (typeof EMERGENCY)[number];
