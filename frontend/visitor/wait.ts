/** The wait in words: a range as the desk reckoned it, or nothing where no reliable estimate can be given. */
import type { Place } from "../shared/protocol";
import { t } from "./room-words";

export function waitInWords(place: Place | null): string {
  const low = place?.low_min ?? null;
  const high = place?.high_min ?? null;
  if (low === null) return "";
  if (high === null) return low > 0 ? t("wait.more", { low }) : "";
  return low === 0 ? t("wait.within", { high }) : t("wait.range", { low, high });
}
