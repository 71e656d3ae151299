// Hydrates the built HTML.

import "./style.css";
import { hydrate } from "preact";
import { isLanguage } from "./language.ts";
import { App } from "./page.tsx";

const { lang } = document.documentElement;
hydrate(<App built={isLanguage(lang) ? lang : "en"} />, document.getElementById("page")!);
