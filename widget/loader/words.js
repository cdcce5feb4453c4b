// What the widget says: a file of sentences a language, of which only the one that is needed is fetched.

import { complain } from "./options.js";
import { origin } from "./relay.js";

/** The files' names without their ending: the SHA-256 of each, so that the name is what it is checked against. */
const FILES = __RELAY_WORDS__;

/** What is said before or instead of them: loading, failed, again. */
const FIRST = {
  en: ["Loading…", "The form could not be loaded. Check your connection.", "Try again"],
  ko: ["불러오는 중…", "입력 화면을 불러오지 못했습니다. 인터넷 연결을 확인해 주세요.", "다시 시도"],
  ja: ["読み込み中…", "フォームを読み込めませんでした。接続を確認してください。", "もう一度試す"],
  zh: ["正在加载…", "无法加载表单。请检查您的网络连接。", "重试"],
  es: ["Cargando…", "No se ha podido cargar el formulario. Comprueba tu conexión.", "Reintentar"],
  de: ["Wird geladen…", "Das Formular konnte nicht geladen werden. Prüfen Sie Ihre Verbindung.", "Erneut versuchen"],
  fr: ["Chargement…", "Le formulaire n’a pas pu être chargé. Vérifiez votre connexion.", "Réessayer"],
};

const languageOf = (tag) => String(tag).toLowerCase().split(/[-_]/)[0];

/** The tag to write dates and numbers by: the first of those wanted that there are sentences for; English without. */
export const tagOf = ({ locale }) => {
  const wanted = locale === "auto" ? navigator.languages || [navigator.language] : [locale || "en"];
  const tag = String(wanted.find((tag) => FIRST[languageOf(tag)]) || "en").replace(/_/g, "-");
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return languageOf(tag);
  }
};

/** The language of the sentences, as in `FIRST`. */
export const langOf = (options) => languageOf(tagOf(options));

/** Loading, failed, again. */
export const words = (options) => FIRST[langOf(options)];

const fetched = {};

/** The sentences of the language that the options ask for; fetched once, and again only after a failure. */
export const sentences = (options) => {
  const lang = langOf(options);
  return (fetched[lang] ||= (async () => {
    const name = FILES[lang];
    const integrity = `sha256-${name.replace(/-/g, "+").replace(/_/g, "/")}=`;
    const response = await fetch(`${origin}/widget/assets/${name}.json`, { integrity, credentials: "omit" });
    return response.json();
  })().catch((error) => {
    delete fetched[lang];
    throw error;
  }));
};

/** The same with the page's own wording in place. It is shown as text, whatever it holds. */
export const worded = (sentences, { strings }) => {
  const own = { ...sentences };
  for (const [name, text] of Object.entries(strings || {})) {
    if (name in sentences && typeof text === "string") own[name] = text;
    else complain(`strings.${name}: there is no such sentence, or it is no text; ignored.`);
  }
  return own;
};
