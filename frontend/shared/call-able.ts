/** Asked on the first screen, so it stands apart from everything a call needs. */

/** Can this browser talk at all? Without it there is text, and the telephone. */
export function canTalk(): boolean {
  return typeof RTCPeerConnection !== "undefined" && typeof navigator.mediaDevices?.getUserMedia === "function";
}
