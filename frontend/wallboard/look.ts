/** How this screen shows the board; a screen on a wall should look the same after a restart. */
export interface Look {
  big: boolean;
  contrast: boolean;
}

const KEY = "xinqiao.wallboard";

export function readLook(): Look {
  try {
    const { big, contrast } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Look>;
    return { big: big === true, contrast: contrast === true };
  } catch {
    return { big: false, contrast: false };
  }
}

export function rememberLook(look: Look): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(look));
  } catch {
    // Storage is switched off: the look lives as long as the page.
  }
}
