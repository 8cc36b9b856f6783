import "../shared/tokens.css";
import "../shared/base.css";
import "./visitor.css";
import { createApp } from "vue";
import { preferred, speak } from "../shared/i18n";
import Visitor from "./Visitor.vue";

speak(preferred(navigator.languages ?? [navigator.language]));
createApp(Visitor).mount("#app");
