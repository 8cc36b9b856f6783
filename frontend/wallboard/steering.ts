/** What a supervisor does from the board: commands over the socket, longer hours over HTTP; each answered in words. */
import type { AnyCommand, Instant } from "../shared/protocol";
import type { Flash } from "./board";

type Send = (feed: string, command: AnyCommand) => void;
type Tell = (flash: Flash) => void;

export class Steering {
  constructor(
    private readonly send: Send,
    private readonly say: Tell,
  ) {}

  assign(line: string, contact: string, to: string, reason: string): void {
    this.send(`desk.${line}`, { type: "ticket.assign", contact, to, reason });
  }

  intake(line: string, open: boolean, reason = ""): void {
    this.send(`desk.${line}`, { type: "intake.switch", open, reason });
  }

  surge(line: string, on: boolean): void {
    this.send(`desk.${line}`, { type: "surge.switch", on });
  }

  notice(line: string, text: string): void {
    this.send(`desk.${line}`, { type: "notice.send", text });
  }

  /** Something has happened to many: from now on contacts may be counted with it. */
  incident(line: string, title: string, known: string, surge: boolean): void {
    this.send(`desk.${line}`, { type: "incident.open", title, known, surge });
  }

  tell(line: string, incident: string, known: string): void {
    this.send(`desk.${line}`, { type: "incident.tell", incident, known });
  }

  over(line: string, incident: string): void {
    this.send(`desk.${line}`, { type: "incident.close", incident });
  }

  /** This contact is about the incident, or (null) about none. */
  tag(line: string, contact: string, incident: string | null): void {
    this.send(`desk.${line}`, { type: "ticket.tag", contact, incident });
  }

  release(line: string, counselor: string, reason: string): void {
    this.send(`desk.${line}`, { type: "seat.release", counselor, reason });
  }

  /** Keep a line open until then; the answer says so, or why not. */
  async extend(line: string, until: Instant, reason: string): Promise<void> {
    try {
      const answer = await fetch(`/api/v1/lines/${encodeURIComponent(line)}/extension`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ until, reason }),
      });
      const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
      this.say(answer.ok ? { key: "steer.done", good: true } : { key: `refused.${code ?? answer.status}`, good: false });
    } catch {
      this.say({ key: "refused.offline", good: false });
    }
  }
}
