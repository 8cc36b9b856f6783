/** Alarms of a desk: escalations as everybody on duty sees them; twin of queueing/domain/alarm.py. */
import type { Alarm, DeskEvent } from "./protocol";

export type Alarms = Readonly<Record<string, Required<Alarm>>>;
export type AlarmEvent = Extract<DeskEvent, { type: `alarm.${string}` }>;

function withAlarm(alarms: Alarms, contact: string, change: Partial<Alarm>): Alarms {
  const alarm = alarms[contact];
  return alarm ? { ...alarms, [contact]: { ...alarm, ...change } } : alarms;
}

/** The alarms after one more event. */
export function reduceAlarms(alarms: Alarms, event: AlarmEvent): Alarms {
  const { contact } = event;
  const known = alarms[contact];
  switch (event.type) {
    case "alarm.raised": {
      const { cause, at } = event;
      return { ...alarms, [contact]: { contact, cause, at, to: "", page: "", called: [], owner: null, helpers: known?.helpers ?? [] } };
    }
    case "alarm.rung": {
      const called = [...new Set([...(known?.called ?? []), ...event.people])];
      return withAlarm(alarms, contact, { to: event.to, called, page: event.people.length > 0 ? event.page : (known?.page ?? "") });
    }
    case "alarm.taken":
      return withAlarm(alarms, contact, { owner: event.person });
    case "alarm.joined":
      return withAlarm(alarms, contact, { helpers: [...(known?.helpers ?? []), event.person] });
    case "alarm.left":
      return withAlarm(alarms, contact, { helpers: (known?.helpers ?? []).filter((each) => each !== event.person) });
    case "alarm.cleared": {
      const { [contact]: _gone, ...rest } = alarms;
      return rest;
    }
  }
}

/** Alarms as a list: those that nobody has first, the oldest of them first. */
export function alarmsInOrder(alarms: Alarms): Required<Alarm>[] {
  return Object.values(alarms).sort(
    (one, other) => Number(one.owner !== null) - Number(other.owner !== null) || Date.parse(one.at) - Date.parse(other.at),
  );
}
