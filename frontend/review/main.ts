import "../shared/tokens.css";
import "../shared/base.css";
import "./review.css";
import { createApp } from "vue";
import { preferred, speak } from "../shared/i18n";
import Review from "./Review.vue";

speak(preferred(navigator.languages ?? [navigator.language]));
createApp(Review).mount("#app");
