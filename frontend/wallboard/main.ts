import { createApp } from "vue";
import "../shared/tokens.css";
import "../shared/base.css";
import "./wallboard.css";
import App from "./App.vue";

createApp(App).mount("#app");
