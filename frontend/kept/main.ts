import "../shared/tokens.css";
import "../shared/base.css";
import { createApp } from "vue";
import { preferred, speak } from "../shared/i18n";
import Kept from "./Kept.vue";

speak(preferred(navigator.languages ?? [navigator.language]));
createApp(Kept).mount("#app");
