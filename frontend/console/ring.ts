/** Sounds made by the page itself; silent until a person has clicked "ready", as browsers ask. */

/** An offer, a message in a conversation that is not on screen, somebody in imminent danger. */
export type Sound = "offer" | "message" | "imminent";

/** Notes of a sound: [hertz, start in seconds, length in seconds]. */
const NOTES: Record<Sound, readonly (readonly [number, number, number])[]> = {
  offer: [
    [660, 0, 0.18],
    [880, 0.22, 0.28],
  ],
  message: [[740, 0, 0.12]],
  imminent: [
    [880, 0, 0.14],
    [880, 0.2, 0.14],
    [1175, 0.4, 0.3],
  ],
};

export class Bell {
  private audio: AudioContext | null = null;

  /** Call inside a click: browsers let only a person's gesture open the sound. */
  unlock(): void {
    if (typeof AudioContext === "undefined") return;
    this.audio ??= new AudioContext();
    void this.audio.resume();
  }

  /** True when a sound would be heard. */
  get ready(): boolean {
    return this.audio?.state === "running";
  }

  /** Play a sound once, softly begun and ended so that it does not click; volume in [0, 1]. */
  play(sound: Sound, volume = 0.5): void {
    const audio = this.audio;
    if (!audio || audio.state !== "running") return;
    for (const [hertz, start, length] of NOTES[sound]) {
      const from = audio.currentTime + start;
      const gain = audio.createGain();
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(volume * 0.3, from + 0.02);
      gain.gain.linearRampToValueAtTime(0, from + length);
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain).connect(audio.destination);
      tone.start(from);
      tone.stop(from + length);
    }
  }
}
