/** All folds of this client in one place: events in, views out, nothing else. */
export { reduceSession, EMPTY_SESSION } from "./session";
export type { Entry, Logged, NoticeType, Receipt, SessionPhase, SessionView } from "./session";
export { reduceCase, EMPTY_CASE } from "./case";
export type { CaseView, Intake, RiskStep } from "./case";
export { reduceDesk, EMPTY_DESK, emptyDesk, waitingInOrder } from "./desk";
export type { Desk, Seat, Ticket } from "./desk";
export type { Offer } from "./protocol";
export { EMPTY_PENDING, reducePending } from "./pending";
export type { Pending, PendingNews } from "./pending";
