/** Which words a visitor agrees to when a call is recorded, and the proof of which they were. */
import type { Language } from "../shared/i18n";

export const RECORDING_VERSION = "recording-1";
export const RECORDING_TEXT: Record<Language, string> = {
  "zh-Hans":
    "想征得您的同意，把这次通话录下来。录音加密保存，只有接待您的咨询员和负责的督导能听，每次打开都有记录，到期彻底删除。您可以随时暂停或者收回同意。不同意也没关系，一样会有人陪您聊。",
  en: "We would like to record this call, if you agree. The recording is kept encrypted; only your counselor and the supervisor in charge can listen, every time it is opened is written down, and it is destroyed when its time is over. You may pause it or take your consent back at any time. Saying no is fine: you will be helped just the same.",
};

/** SHA-256 of RECORDING_TEXT; a test keeps it true. */
export const RECORDING_HASH: Record<Language, string> = {
  "zh-Hans": "1834d9dd4f9e785e9b6d91063007d3ab1764ec1c2c08198b62998a5ade08a3e9",
  en: "d40d5879cfe5eeb9c2bcebfc218ec80e7604b1344c017530bb38c23d94265447",
};
