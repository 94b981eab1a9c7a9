/** The languages that the page speaks; GraphiQL's own buttons stay English. */
export type Language = 'zh' | 'en';

export interface Words {
  playground: string;
  samplePeople: string;
  chooseSomeone: string;
  login: string;
  password: string;
  signIn: string;
  signOut: string;
  signedInAs: string;
  switchTo: string;
  examples: string;
  examplesHint: string;
  signedOutHint: string;
  otherLanguage: string;
  dismiss: string;
  loading: string;
  unreachable: string;
  notUnderstood: (status: number) => string;
  welcome: string;
}

const en: Words = {
  playground: 'Playground',
  samplePeople: 'Sample people',
  chooseSomeone: 'Sign in as…',
  login: 'Login',
  password: 'Password',
  signIn: 'Sign in',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  switchTo: 'Switch to…',
  examples: 'Examples',
  examplesHint: 'Each opens in a new tab.',
  signedOutHint: 'Nobody is signed in. Sign in to see the schema and to run requests.',
  otherLanguage: '中文',
  dismiss: 'Dismiss',
  loading: 'Loading…',
  unreachable: 'The server cannot be reached. Is it still running?',
  notUnderstood: (status) => `The server gave an answer that is not JSON (status ${status}).`,
  welcome: '# Write a request here and run it with Ctrl-Enter.\n',
};

const zh: Words = {
  playground: '调试台',
  samplePeople: '示例人员',
  chooseSomeone: '选择登录身份…',
  login: '账号',
  password: '密码',
  signIn: '登录',
  signOut: '退出',
  signedInAs: '当前用户',
  switchTo: '切换为…',
  examples: '示例',
  examplesHint: '点击后在新标签页中打开。',
  signedOutHint: '尚未登录。登录后可查看模式（schema）并运行请求。',
  otherLanguage: 'English',
  dismiss: '关闭',
  loading: '正在载入…',
  unreachable: '无法连接服务器，请确认它仍在运行。',
  notUnderstood: (status) => `服务器的回答不是 JSON（状态码 ${status}）。`,
  welcome: '# 在此编写请求，按 Ctrl-Enter 运行。\n',
};

export const words: Record<Language, Words> = { en, zh };

/** The value of Accept-Language by which the server words its errors. */
export const languageTag: Record<Language, string> = { en: 'en', zh: 'zh-CN' };

const remembered = 'guanxi:language';

/** The language chosen earlier on this browser, else the browser's own. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(remembered);
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(remembered, language);
}
