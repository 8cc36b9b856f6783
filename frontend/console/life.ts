/** What the page hears of its window: keys, touches, its width, the tick of the clock, and somebody closing it. */
import { onBeforeUnmount, onMounted, ref } from "vue";
import type { Bell } from "./ring";

const TICK_MS = 500;
const NARROW = "(max-width: 68rem)";

interface Life {
  readonly bell: Bell;
  /** True while closing the page would lose words. */
  readonly unsent: () => boolean;
  readonly press: (event: KeyboardEvent) => void;
  readonly tick: () => void;
}

/** Listen while the page lives. `audible`: browsers keep a page silent until somebody touches it; after a reload on
 * duty that has not happened yet. */
export function life({ bell, unsent, press, tick }: Life) {
  const narrow = ref(false);
  const audible = ref(false);
  let ticking: ReturnType<typeof setInterval> | undefined;
  let query: MediaQueryList | undefined;
  const fit = () => (narrow.value = query?.matches ?? false);

  /** Any touch of the page opens the sound. */
  const touched = () => bell.unlock();

  function ticked(): void {
    tick();
    audible.value = bell.ready;
  }

  function guard(event: BeforeUnloadEvent): void {
    if (!unsent()) return;
    event.preventDefault();
    event.returnValue = true; // Browsers before 2023 look at this only.
  }

  onMounted(() => {
    query = matchMedia(NARROW);
    query.addEventListener("change", fit);
    fit();
    window.addEventListener("keydown", press);
    window.addEventListener("pointerdown", touched);
    window.addEventListener("keydown", touched);
    window.addEventListener("beforeunload", guard);
    ticking = setInterval(ticked, TICK_MS);
  });
  onBeforeUnmount(() => {
    clearInterval(ticking);
    query?.removeEventListener("change", fit);
    window.removeEventListener("keydown", press);
    window.removeEventListener("pointerdown", touched);
    window.removeEventListener("keydown", touched);
    window.removeEventListener("beforeunload", guard);
  });
  return { narrow, audible };
}
