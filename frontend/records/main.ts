import "../shared/tokens.css";
import "../shared/base.css";
import "./records.css";
import { createApp } from "vue";
import { preferred, speak } from "../shared/i18n";
import Records from "./Records.vue";

speak(preferred(navigator.languages ?? [navigator.language]));
createApp(Records).mount("#app");
