/**
 * One leg per person: two tabs of the same person would take the connection from each other for ever. The tab that
 * holds the lock is in the call, another one takes over when it closes. Without locks (old browsers) every tab may.
 */

/** Wait for the right to be in calls under this name; `changed` tells when this tab has it. Returns how to give it back. */
export function holdCalls(name: string, changed: (mine: boolean) => void): () => void {
  let release: () => void = () => undefined;
  const over = new Promise<void>((done) => (release = done));
  const cut = new AbortController();
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (!locks) {
    changed(true);
    return () => undefined;
  }
  locks
    .request(name, { signal: cut.signal }, () => {
      changed(true);
      return over;
    })
    .catch((fault: unknown) => {
      // Given up before it was ours; anything else means that locks are forbidden here, so nobody holds any.
      if (!(fault instanceof DOMException && fault.name === "AbortError")) changed(true);
    });
  return () => {
    cut.abort();
    release();
  };
}
