import "../shared/tokens.css";
import "../shared/base.css";
import { createApp } from "vue";
import { preferred, speak } from "../shared/i18n";
import Partner from "./Partner.vue";

speak(preferred(navigator.languages ?? [navigator.language]));
createApp(Partner).mount("#app");
