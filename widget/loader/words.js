// What the loader itself says, before or instead of the widget.

const WORDS = {
  en: ["Loading…", "The form could not be loaded. Check your connection.", "Try again"],
  ko: ["불러오는 중…", "입력 화면을 불러오지 못했습니다. 인터넷 연결을 확인해 주세요.", "다시 시도"],
};

/** Loading, failed, again. */
export const words = (locale) => WORDS[String(locale).slice(0, 2)] || WORDS.en;
