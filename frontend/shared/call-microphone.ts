/** The microphone: asked for when a person wants it, given back as soon as they do not; never kept open behind them. */
import { levelOf } from "./call-level";
import { canTalk } from "./call-able";

/** Why there is no microphone: said no, none there, in use elsewhere, or a browser (or plain http) without calls. */
export type NoMicrophone = "refused" | "missing" | "busy" | "unsupported";

export class MicrophoneError extends Error {
  constructor(readonly why: NoMicrophone) {
    super(why);
  }
}

/** Name a getUserMedia failure. */
export function whyNot(fault: unknown): NoMicrophone {
  const name = fault instanceof Error ? fault.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "TypeError" ? "unsupported" : "busy";
}

/** An open microphone and how loud it is. */
export class Microphone {
  private context: AudioContext | null = null;
  private ear: AnalyserNode | null = null;
  private readonly samples = new Float32Array(1024);

  private constructor(
    readonly track: MediaStreamTrack,
    private readonly stream: MediaStream,
  ) {}

  /** Ask for it; raises MicrophoneError. Call inside a click: browsers then also let the page be heard. */
  static async open(): Promise<Microphone> {
    if (!canTalk()) throw new MicrophoneError("unsupported");
    try {
      const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      const [track] = stream.getAudioTracks();
      if (!track) throw new MicrophoneError("missing");
      return new Microphone(track, stream);
    } catch (fault) {
      throw fault instanceof MicrophoneError ? fault : new MicrophoneError(whyNot(fault));
    }
  }

  set muted(on: boolean) {
    this.track.enabled = !on;
  }

  /** How loud it is now, 0..1; 0 while the browser keeps the sound back. */
  level(): number {
    this.listen();
    if (!this.ear) return 0;
    this.ear.getFloatTimeDomainData(this.samples);
    return levelOf(this.samples);
  }

  close(): void {
    this.track.stop();
    void this.context?.close().catch(() => undefined);
    this.context = this.ear = null;
  }

  private listen(): void {
    if (this.ear || typeof AudioContext === "undefined") return;
    this.context = new AudioContext();
    this.ear = this.context.createAnalyser();
    this.ear.fftSize = this.samples.length;
    this.context.createMediaStreamSource(this.stream).connect(this.ear);
    void this.context.resume();
  }
}

/** How it stands with the microphone on a page. */
export type MicrophoneState = "off" | "asking" | "open" | NoMicrophone;

/** Open it and keep the page told; null where there is none, and the state then says why. */
export async function openMicrophone(tell: (state: MicrophoneState) => void): Promise<Microphone | null> {
  tell("asking");
  try {
    const microphone = await Microphone.open();
    tell("open");
    return microphone;
  } catch (fault) {
    tell(fault instanceof MicrophoneError ? fault.why : "busy");
    return null;
  }
}
